/** What a client can see of the answers on one connection. */

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** `400 BAD_REQUEST, 200 OK`: the status of each answer with its first code. */
export function summaryOf(received: string): string {
  return answersIn(received)
    .map((answer) => `${answer.status} ${codeOf(answer)}`.trim())
    .join(', ');
}

export function answersIn(received: string): Answer[] {
  const answers: Answer[] = [];
  let rest = received;
  while (rest !== '') {
    const at = rest.indexOf('\r\n\r\n');
    const head = rest.slice(0, at);
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? [];
    if (at < 0 || status === undefined) throw new Error(`not an answer: ${rest}`);
    const { body, size } = bodyAfter(head, rest.slice(at + 4));
    answers.push({ status: Number(status), head, body: Buffer.from(body, 'latin1').toString() });
    rest = rest.slice(at + 4 + size);
  }
  return answers;
}

function bodyAfter(head: string, rest: string): { body: string; size: number } {
  if (/^transfer-encoding: chunked/im.test(head)) return unchunked(rest);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  // An answer to HEAD has the length only.
  const body = rest.startsWith('HTTP/1.1 ') ? '' : rest.slice(0, length);
  return { body, size: body.length };
}

function unchunked(text: string): { body: string; size: number } {
  let body = '';
  let at = 0;
  for (;;) {
    const end = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (!(size > 0)) return { body, size: end + 4 };
    body += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}

/** The code of the first error, or of the first refusal among the data. */
function codeOf({ body }: Answer): string {
  if (!body.startsWith('{')) return '';
  const { data, errors } = JSON.parse(body);
  const [error] = errors ?? [];
  return error?.extensions?.code ?? refusalIn(data) ?? 'OK';
}

function refusalIn(data: unknown): string | undefined {
  return /"code":"(\w+)"/.exec(JSON.stringify(data) ?? '')?.[1];
}

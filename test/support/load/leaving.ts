/** Clients that keep their connections, call without a pause, retry nothing, and leave after an answer with `Connection: close`. */
import { Agent, request } from 'node:http';
import { openRaw, rawPost } from '../client/raw-http.js';

export interface Target {
  readonly origin: string;
  readonly secret: string;
  /** What each call posts to `/graphql`, and what an answer contains if the call was carried out. */
  readonly body: string;
  readonly expected: string;
}

export interface Crowd {
  /** Calls that were carried out; `failures` has how those ended that were neither carried out nor shed. */
  readonly done: number;
  /** Answers with `Connection: close`. */
  readonly closed: number;
  readonly failures: readonly string[];
}

export type Kind = 'AGENT' | 'FETCH' | 'PIPELINING';

/** On a machine that is busy with other tests, a turn of the gateway's loop may take seconds, and it sheds calls. */
const SHED = '"OVERLOADED"';

interface Tally {
  /** True if the client may call again. */
  answered(closes: boolean, text: string): boolean;
  failed(error: unknown): false;
}

export interface CrowdOptions {
  readonly size: number;
  readonly target: Target;
  /** Told whether an answer was a connection's last. */
  readonly onAnswer: (closes: boolean) => void;
  /** Whether clients come back after an answer with `Connection: close`, for as long as the port is open. */
  readonly comesBack?: boolean;
}

/** Resolves when all of them have left. */
export async function leavingCrowd(
  kind: Kind,
  { size, target, onAnswer, comesBack = false }: CrowdOptions,
): Promise<Crowd> {
  const failures: string[] = [];
  let [done, closed] = [0, 0];
  const tally: Tally = {
    answered: (closes, text) => {
      if (text.includes(target.expected)) done += 1;
      else if (!text.includes(SHED)) failures.push(text);
      closed += Number(closes);
      onAnswer(closes);
      return comesBack || !closes;
    },
    failed: (error) => {
      failures.push(textOf(error));
      return false;
    },
  };
  if (kind === 'PIPELINING') {
    await Promise.all(Array.from({ length: size }, () => pipeline(target, tally)));
  } else {
    const agent = new Agent({ keepAlive: true, maxSockets: size });
    const call = kind === 'AGENT' ? callByAgent(agent) : callByFetch;
    const client = async () => {
      while (await call(target, tally));
    };
    await Promise.all(Array.from({ length: size }, client));
    agent.destroy();
  }
  return { done, closed, failures };
}

function headersOf({ secret }: Target) {
  return { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
}

async function callByFetch(target: Target, tally: Tally): Promise<boolean> {
  try {
    const { origin, body } = target;
    const answer = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: headersOf(target),
      body,
    });
    const text = await answer.text();
    return tally.answered(answer.headers.get('connection') === 'close', text);
  } catch (error) {
    return tally.failed(error instanceof Error ? (error.cause ?? error) : error);
  }
}

function callByAgent(agent: Agent) {
  return (target: Target, tally: Tally) =>
    new Promise<boolean>((resolve) => {
      const options = { agent, method: 'POST', headers: headersOf(target) };
      const sent = request(`${target.origin}/graphql`, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        const closes = response.headers.connection === 'close';
        response.on('end', () => resolve(tally.answered(closes, text)));
      });
      sent.on('error', (error) => resolve(tally.failed(error)));
      sent.end(target.body);
    });
}

/** Calls in flight on one connection. */
const PIPELINED = 4;

/** Sends the next call before the answers to those before it; calls after the last answer are not carried out, which the caller counts. */
async function pipeline(target: Target, tally: Tally): Promise<void> {
  const connection = openRaw(target.origin);
  const call = rawPost(target.body, headersOf(target));
  let seen = 0;
  let text = '';
  connection.write(call.repeat(PIPELINED));
  connection.socket.on('data', (part) => {
    text += part;
    for (let length = answerLength(text); length !== null; length = answerLength(text)) {
      const answer = text.slice(0, length);
      const closes = /\r\nConnection: close\r\n/i.test(answer);
      text = text.slice(length);
      seen += 1;
      if (tally.answered(closes, answer)) connection.write(call);
    }
  });
  try {
    await connection.closed();
    if (seen === 0 || text !== '') tally.failed(new Error(`closed after ${seen} and "${text}"`));
  } catch (error) {
    tally.failed(error);
  }
}

/** The length of the answer that the text begins with; null if it is not complete. */
function answerLength(text: string): number | null {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return null;
  const [, bytes] = /\r\nContent-Length: (\d+)\r\n/i.exec(text.slice(0, head + 2)) ?? [];
  const length = head + 4 + Number(bytes);
  return text.length < length ? null : length;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}

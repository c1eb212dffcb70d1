/** `npm run import`: every line is recorded once, or refused and reported, whatever the file is and however the run ends. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Input, runCommand, startCommand } from '../support/gateway/command.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-import-'));
const path = join(folder, 'events.jsonl');
const reportPath = `${path}.refused.jsonl`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages', eventNames: ['sent'] }],
    customers: [{ customerId: 'acme', entities: ['seat'] }, { customerId: 'other' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000_000 }],
  });
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  rmSync(`${path}.import`, { force: true });
  await gateway.sql('TRUNCATE idempotency_keys');
});

const settings = () => ({ DATABASE_URL: gateway.database.url });

const run = (args: readonly string[], input?: Input) =>
  runCommand('commands/import.ts', args, settings(), input);

const imported = (...args: readonly string[]) => run([path, '--project', 'test', ...args]);

/** What the database gained since the last look. */
let seen = 0;
async function newEvents() {
  const events = await gateway.sql(
    'SELECT value::float AS value, idempotency_key AS key, properties FROM events ORDER BY id',
  );
  const added = events.slice(seen);
  seen = events.length;
  return added;
}

const event = (fields: object = {}) =>
  JSON.stringify({ customerId: 'acme', featureId: 'messages', ...fields });

const reported = () =>
  existsSync(reportPath)
    ? readFileSync(reportPath, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    : null;

it.each([
  [[], 'Usage:'],
  [['a', 'b'], 'Usage:'],
  [['--colour'], "Unknown option '--colour'."],
  [['none.jsonl'], 'none.jsonl cannot be read: it does not exist.'],
  [[folder], `${folder} is not a file. Standard input is -.`],
  [['-'], 'Standard input has no name: add one with --name'],
  [[path, '--name', 'a b'], '--name must be'],
  [[path], 'There are several projects: '],
  [[path, '--project', 'test', '--report', folder], `${folder} cannot be written: `],
  [[path, '--project', 'none'], 'There is no project "none".'],
])('records nothing for %j', async (args, said) => {
  writeFileSync(path, event());
  const ended = await run(args);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain(said);
  expect(await newEvents()).toEqual([]);
});

describe('files', () => {
  it.each<[string, string, number]>([
    ['an empty file', '', 0],
    ['nothing but a byte order mark and blank lines', '\ufeff\n \t\r\n\n', 0],
    ['a byte order mark, CRLF and blank lines', `\ufeff${event()}\r\n\n\n  ${event()}\t\r\n\n`, 2],
    ['a last line without an end', `${event()}\n${event()}`, 2],
  ])('%s', async (_what, text, count) => {
    writeFileSync(path, text);
    const ended = await imported();
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain(
      `${count} usage events recorded in the project "test", 0 had been recorded before, 0 of `,
    );
    expect(await newEvents()).toHaveLength(count);
    expect(reported()).toBeNull();
  });

  it('and standard input, under a name', async () => {
    const input = { text: `${event()}\n${event()}`, ends: true };
    const args = ['-', '--project', 'test', '--name', 'piped', '--report', reportPath];
    expect(await run(args, input)).toMatchObject({ code: 0 });
    expect((await newEvents()).map(({ key }) => key)).toEqual(['import:piped:1', 'import:piped:2']);
    const again = await run(args, input);
    expect(again.stdout).toContain('0 usage events recorded');
    expect(again.stdout).toContain('2 had been recorded before');
    expect(await newEvents()).toEqual([]);
  });
});

const tooDeep = `{"a":${'['.repeat(20)}${']'.repeat(20)}}`;

/** Lines, each with its code and a part of its message. */
const REFUSED: readonly (readonly [string | Buffer, string, string])[] = [
  ['{"customerId":', 'INVALID_JSON', 'The line is not valid JSON: Unexpected end of JSON input'],
  [`${event()}${event()}`, 'INVALID_JSON', 'after JSON'],
  [`[${event()}]`, 'INVALID_INPUT', 'BalancesTrackInput'],
  ['5', 'INVALID_INPUT', 'BalancesTrackInput'],
  ['null', 'INVALID_INPUT', 'BalancesTrackInput'],
  ['{"featureId":"messages"}', 'INVALID_INPUT', 'customerId'],
  [event({ amount: 1 }), 'INVALID_INPUT', '"amount" is not defined'],
  [event({ value: '1' }), 'INVALID_INPUT', 'Float cannot represent'],
  [event({ idempotencyKey: 1 }), 'INVALID_INPUT', 'String cannot represent'],
  [event({ overageBehavior: 'cap' }), 'INVALID_INPUT', '"cap"'],
  [event({ eventName: 'sent' }), 'INVALID_INPUT', 'not both'],
  [event({ idempotencyKey: 'x'.repeat(256) }), 'INVALID_INPUT', '255'],
  [event().replace('}', ',"value":0.12345678901}'), 'INVALID_INPUT', 'value'],
  [event().replace('}', `,"properties":${tooDeep}}`), 'INVALID_INPUT', 'deep'],
  [event({ timestamp: 'now' }), 'INVALID_INPUT', 'timestamp'],
  [event({ timestamp: '2999-01-01T00:00:00Z' }), 'INVALID_INPUT', 'timestamp'],
  [event({ customerId: 'none' }), 'CUSTOMER_NOT_FOUND', '"none"'],
  [event({ featureId: 'none' }), 'FEATURE_NOT_FOUND', '"none"'],
  [event({ entityId: 'none' }), 'ENTITY_NOT_FOUND', '"none"'],
  [event({ value: 1e9, overageBehavior: 'REJECT' }), 'INSUFFICIENT_BALANCE', 'Missing'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 'INVALID_UTF8', 'UTF-8'],
  ['x'.repeat(2_000_000), 'LINE_TOO_LONG', 'longer than'],
  [
    event().replace('}', `,"properties":{"a":[${'0.12345678901234567890,'.repeat(5_001)}0]}}`),
    'INVALID_JSON',
    '5000',
  ],
];

describe('lines', () => {
  it('that cannot be recorded are refused and reported, and the others are recorded', async () => {
    const parts = REFUSED.flatMap(([line]) => [line, '\n', event(), '\n']);
    writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
    const ended = await imported();
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    const count = REFUSED.length;
    expect(ended.stdout).toContain(`${count} usage events recorded`);
    expect(ended.stdout).toContain(`${count} of ${2 * count} lines refused`);
    expect(ended.stdout).toContain(`${reportPath} lists each with its line number`);
    expect(reported()).toEqual(
      REFUSED.map(([_line, code, message], index) => ({
        line: 2 * index + 1,
        code,
        message: expect.stringContaining(message),
      })),
    );
    expect(await newEvents()).toHaveLength(count);
  });

  it('are reported in their order, and no longer once they are recorded', async () => {
    const lines = Array.from({ length: 60 }, (_, n) =>
      event(n % 3 === 0 ? { customerId: `new-${n}` } : {}),
    );
    writeFileSync(path, lines.join('\n'));
    expect(await imported()).toMatchObject({ code: 1 });
    expect(reported()?.map(({ line }) => line)).toEqual(
      Array.from({ length: 20 }, (_, n) => 3 * n + 1),
    );
    expect(await newEvents()).toHaveLength(40);
    const customers = Array.from({ length: 20 }, (_, n) => ({ customerId: `new-${3 * n}` }));
    await setUp(gateway, { features: [], customers, balances: [] });
    const again = await imported();
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('20 usage events recorded');
    expect(again.stdout).toContain('40 had been recorded before');
    expect(reported()).toBeNull();
    expect(await newEvents()).toHaveLength(20);
  });

  it('keep numbers and texts exactly', async () => {
    const properties = '{"n":0.1,"s":"\\u00e9\\ud83d\\ude00"}';
    writeFileSync(path, event().replace('}', `,"value":0.1234567891,"properties":${properties}}`));
    expect(await imported()).toMatchObject({ code: 0 });
    expect(await newEvents()).toMatchObject([
      { value: 0.1234567891, properties: { n: 0.1, s: 'é😀' } },
    ]);
  });
});

describe('keys', () => {
  it('of a line are its own, or those of its number', async () => {
    writeFileSync(path, `${event({ idempotencyKey: 'mine' })}\n\n${event()}\n`);
    expect(await imported('--name', 'may')).toMatchObject({ code: 0 });
    expect((await newEvents()).map(({ key }) => key)).toEqual(['mine', 'import:may:3']);
  });

  it('are those of calls: each answers with the result of the other', async () => {
    const input = { customerId: 'acme', entityId: 'seat', eventName: 'sent', value: 0.25 };
    const more = { timestamp: '2026-01-31T11:15:30.5+01:00', properties: { a: [1, null, 'é'] } };
    const mutation = `mutation ($input: BalancesTrackInput!) {
      trackBalance(input: $input) { ... on TrackBalancePayload { replayed } ... on Error { message } } }`;
    const call = async (idempotencyKey: string) => {
      const variables = { input: { ...input, ...more, idempotencyKey } };
      return (await gateway.execute(mutation, variables)).data.trackBalance;
    };
    expect(await call('first')).toEqual({ replayed: false });
    const lines = [{ idempotencyKey: 'first' }, {}].map((key) =>
      JSON.stringify({ ...more, ...key, overageBehavior: 'CAP', featureId: null, ...input }),
    );
    writeFileSync(path, lines.join('\n'));
    const ended = await imported('--name', 'may');
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('1 had been recorded before');
    expect(await newEvents()).toHaveLength(2);
    expect(await call('import:may:2')).toEqual({ replayed: true });
    expect(await newEvents()).toEqual([]);
  });

  it('that were used with other input are refused', async () => {
    writeFileSync(path, event({ idempotencyKey: 'once', value: 1 }));
    expect(await imported()).toMatchObject({ code: 0 });
    writeFileSync(path, `${event({ idempotencyKey: 'once', value: 2 })}\n`);
    expect(await imported('--name', 'second')).toMatchObject({ code: 1 });
    expect(reported()).toEqual([
      { line: 1, code: 'IDEMPOTENCY_CONFLICT', message: expect.stringContaining('value') },
    ]);
    expect(await newEvents()).toHaveLength(1);
  });

  it('of a file that was changed do not stand for other lines', async () => {
    writeFileSync(path, `${event({ value: 1 })}\n${event({ value: 2 })}\n`);
    expect(await imported()).toMatchObject({ code: 0 });
    writeFileSync(path, `${event({ value: 3 })}\n${event({ value: 1 })}\n`);
    const ended = await imported();
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('is not what it was when it was first imported');
    expect(await newEvents()).toHaveLength(2);
  });

  it('are the same for lines that are appended later', async () => {
    writeFileSync(path, `${event()}\n`);
    expect(await imported()).toMatchObject({ code: 0 });
    appendFileSync(path, `${event()}\n`);
    expect((await imported()).stdout).toContain('1 usage events recorded');
    expect(await newEvents()).toHaveLength(2);
  });
});

it('goes on with a stream until it is interrupted, and says how to go on', async () => {
  const input = { text: `${event()}\n`, ends: false };
  const args = ['-', '--project', 'test', '--name', 'endless', '--report', reportPath];
  const running = startCommand('commands/import.ts', args, settings(), input);
  await expect.poll(async () => (await gateway.sql('SELECT 1 FROM events')).length).toBe(seen + 1);
  running.signal('SIGINT');
  const ended = await running.ended;
  expect(ended).toMatchObject({ code: 130 });
  expect(ended.stdout).toContain('Interrupted. Run the same command again');
  expect(await newEvents()).toHaveLength(1);
});

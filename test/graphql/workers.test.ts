/** Several processes on one port: `--workers`. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectOnce } from '../../src/store/database.js';
import { oneOff } from '../support/cases/case.js';
import { type Client, createClient, patient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import {
  createDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/database/database.js';
import { createProject } from '../support/database/project.js';
import { runCommand } from '../support/gateway/command.js';
import { EndedError, startTollgate } from '../support/gateway/gateway-process.js';
import { temporaryFolder } from '../support/gateway/temporary-folder.js';
import {
  allGone,
  killAtOnce,
  startWorkers,
  until,
  type Workers,
} from '../support/gateway/workers.js';
import { expectExact } from '../support/load/exact.js';
import { prepareLoad, startLoad } from '../support/load/load.js';
import { signal } from '../support/postgres/postgres-process.js';
import { seedOf } from '../support/random/random.js';

const temporary = temporaryFolder();

describe('two workers on an empty database', () => {
  let database: TestDatabase;
  let tollgate: Workers;
  let client: Client;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    tollgate = await startWorkers({ DATABASE_URL: database.url, TMPDIR: temporary.path });
    client = patient(createClient(tollgate.origin, await createProject(database.url)));
    await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  });

  afterAll(async () => {
    await tollgate.kill();
    await database.drop();
  });

  /** A customer with 100 messages. */
  async function customer(id: string): Promise<string> {
    await operations.createCustomer(client, id);
    await operations.grant(client, id, oneOff('messages', 100));
    return id;
  }

  it('print each startup message once', () => {
    const output = tollgate.output();
    const times = (text: string) => output.split(text).length - 1;
    expect(times('Tollgate listens on ')).toBe(1);
    expect(output).toMatch(/\/graphql with 2 workers and keeps its data in PostgreSQL at /);
    expect(times('There is no valid API key.')).toBe(1);
    expect(times('"Migrated."')).toBe(1);
  });

  it('both answer calls, and both are ready', async () => {
    const id = await customer('both');
    const calls = Array.from({ length: 64 }, () =>
      operations.track(client, id, { featureId: 'messages', value: 0.5 }),
    );
    const answers = await Promise.all(calls);
    expect(answers.every(operations.wasTracked)).toBe(true);
    expect(await operations.look(client, id, 'messages', null)).toMatchObject({ usage: 32 });
    await until(() => tollgate.answeredBy('Track').size === 2, tollgate);
    expect([...tollgate.answeredBy('Track')].sort()).toEqual(tollgate.served().sort());
    const ready = await Promise.all([1, 2, 3, 4].map(() => fetch(`${tollgate.origin}/ready`)));
    expect(ready.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('make one deduction and give one answer for a key that is sent to both at once', async () => {
    const id = await customer('one-key');
    const call = { featureId: 'messages', value: 25.5, idempotencyKey: 'k1' };
    const calls = Array.from({ length: 200 }, () => operations.track(client, id, call));
    const answers = await Promise.all(calls);
    const first = answers.filter((answer) => answer.replayed === false);
    expect(first.length).toBe(1);
    for (const answer of answers) expect({ ...answer, replayed: false }).toEqual(first[0]);
    expect(await operations.look(client, id, 'messages', null)).toMatchObject({ usage: 25.5 });
    expect((await operations.events(client, id)).length).toBe(1);
  });

  it('close a connection that was on its way to a worker that dies', async () => {
    const [stopped] = tollgate.served();
    signal(stopped, 'SIGSTOP');
    const { hostname, port } = new URL(tollgate.origin);
    // Each worker is handed one of the two connections, so one of them is stuck.
    const sockets = [1, 2].map(() => connect(Number(port), hostname));
    const answers = sockets.map(async (socket) => {
      socket.write('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      let answer = '';
      socket.setEncoding('latin1').on('data', (text: string) => {
        answer += text;
      });
      // A reset closes it as well.
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.on('close', resolve));
      return answer.slice(0, 15);
    });
    await Promise.race(answers);
    signal(stopped, 'SIGKILL');
    expect((await Promise.all(answers)).sort()).toEqual(['', 'HTTP/1.1 200 OK']);
    await tollgate.servedBy(3);
  });

  it('are replaced on the same port even if all of them die at once', async () => {
    const id = await customer('survivor');
    killAtOnce(tollgate.served());
    await tollgate.servedBy(5);
    const again = createClient(tollgate.origin, await createProject(database.url));
    const answer = await operations.track(again, id, { featureId: 'messages' });
    expect(operations.wasTracked(answer)).toBe(true);
  });

  it('end with their primary process, free the port and leave no folder', async () => {
    const { port } = new URL(tollgate.origin);
    expect(temporary.left().length).toBe(1);
    await tollgate.kill();
    await allGone(tollgate.started());
    expect(temporary.left()).toEqual([]);
    const next = await startTollgate({ DATABASE_URL: database.url, PORT: port });
    expect(await next.stop()).toBe(0);
  });
});

describe('two workers under load', () => {
  let database: TestDatabase;
  let tollgate: Workers;
  let client: Client;

  beforeAll(async () => {
    database = await createDatabase();
    tollgate = await startWorkers({ DATABASE_URL: database.url, TMPDIR: temporary.path });
    client = createClient(tollgate.origin, await createProject(database.url));
    await prepareLoad(client);
  });

  afterAll(async () => {
    await tollgate.kill();
    await database.drop();
  });

  it('lose and duplicate nothing when one is killed or stopped, and replace it', {
    timeout: 300_000,
  }, async () => {
    const load = startLoad({ seed: seedOf('workers'), client: () => client });
    try {
      for (const name of ['SIGKILL', 'SIGTERM'] as const) {
        await load.more(50);
        const served = tollgate.served();
        signal(served.at(-1), name);
        // The other one keeps serving meanwhile.
        await load.more(50);
        await tollgate.servedBy(served.length + 1);
      }
      await load.more(50);
      await load.finish();
    } finally {
      load.abandon();
    }
    await expectExact({ connectionString: database.url }, load);
  });

  it('answer every call that they have begun at SIGTERM, and end with code 0', async () => {
    const answered: string[] = [];
    const caller = async (number: number) => {
      for (let count = 0; ; count += 1) {
        const key = `term-${number}-${count}`;
        const call = { featureId: 'messages', idempotencyKey: key } as const;
        const answer = await operations.track(client, 'ada', call).catch(() => null);
        // The connection was closed before the call was read.
        if (answer === null) return;
        answered.push(key);
      }
    };
    const callers = Promise.all(Array.from({ length: 32 }, (_, number) => caller(number)));
    await until(() => answered.length > 500, tollgate);
    const log = tollgate.output().length;
    expect(await tollgate.stop()).toBe(0);
    await callers;
    await allGone(tollgate.started());
    expect(tollgate.output().slice(log)).not.toContain('ENOENT');
    expect(temporary.left()).toEqual([]);
    expect(await keysLike('term-%')).toEqual(answered.sort());
  });

  async function keysLike(pattern: string): Promise<string[]> {
    const session = await connectOnce({ connectionString: database.url }, 10_000);
    try {
      const { rows } = await session.query<{ key: string }>(
        'SELECT idempotency_key AS key FROM events WHERE idempotency_key LIKE $1',
        [pattern],
      );
      return rows.map(({ key }) => key).sort();
    } finally {
      await session.end();
    }
  }
});

describe('the primary process', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });

  afterAll(() => database.drop());

  it('gives up with a message if every worker ends at once', async () => {
    const tollgate = await startWorkers({ DATABASE_URL: database.url });
    await until(() => {
      killAtOnce(tollgate.started());
      return /Workers keep ending/.test(tollgate.output());
    }, tollgate);
    expect(await tollgate.ended).toBe(1);
    expect(tollgate.output()).toContain(
      'Workers keep ending, the last one by SIGKILL; more than 6 had to be replaced ' +
        'within 60 s. Tollgate stops: see its log for the reasons.',
    );
    await allGone(tollgate.started());
  });

  it('ends at once on a second signal, and no worker outlives it, not even one that hangs', async () => {
    const settings = { DATABASE_URL: database.url, SHUTDOWN_GRACE_MS: '600000' };
    const tollgate = await startWorkers(settings);
    const [hanging] = tollgate.served();
    signal(hanging, 'SIGSTOP');
    let code: number | null | undefined;
    void tollgate.ended.then((ended) => {
      code = ended;
    });
    await until(() => {
      // A terminal sends it to all of them.
      for (const pid of [tollgate.pid, ...tollgate.served()]) signal(pid, 'SIGINT');
      return code !== undefined;
    }, tollgate);
    expect(code).toBe(1);
    await allGone(tollgate.started());
  });

  it('shuts down cleanly with its workers if Ctrl-C reaches all of them', async () => {
    const tollgate = await startWorkers({ DATABASE_URL: database.url });
    const pids = [...tollgate.served(), tollgate.pid];
    for (const pid of pids) signal(pid, 'SIGINT');
    expect(await tollgate.ended).toBe(0);
    expect(tollgate.output()).not.toContain('"level":"error"');
    await allGone(pids);
  });

  it('ends with one message if the port is taken', async () => {
    const first = await startTollgate({ DATABASE_URL: database.url });
    const { port } = new URL(first.origin);
    const second = startTollgate({ DATABASE_URL: database.url, PORT: port, WORKERS: '2' });
    const error = await second.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EndedError);
    expect(error).toMatchObject({
      code: 1,
      output:
        `Port ${port} of 127.0.0.1 is in use by another program. Stop it, or choose another ` +
        'PORT.\n',
    });
    expect(await first.stop()).toBe(0);
  });
});

describe('the command line', () => {
  const run = (args: readonly string[]) => runCommand('main.ts', args, { PORT: '0' });

  it('is refused with a message if it requests several processes without a database server', async () => {
    expect(await run(['--workers', '2'])).toMatchObject({
      code: 1,
      stderr:
        '--workers asks for 2 processes, but only one at a time can open the embedded ' +
        'database. Set DATABASE_URL to the address of a PostgreSQL, or use 1.\n',
    });
  });

  it('is refused with a message if it has an unknown option', async () => {
    const { code, stderr } = await run(['--worker', '2']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^--worker is not an option of this command\.\nUsage: npm start -- \[--workers N\]/,
    );
  });

  it('is explained by --help', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: npm start -- \[--workers N\]/);
  });
});

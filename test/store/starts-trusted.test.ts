/** A start with trusted documents: a mistake in them is reported once, by one process or several; otherwise they are executed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { createProject } from '../support/database/project.js';
import { runCommand, startCommand } from '../support/gateway/command.js';
import { killAtOnce, startWorkers } from '../support/gateway/workers.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tollgate-trusted-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

const environment = (settings: Readonly<Record<string, string>>) => ({
  DATABASE_URL: database.url,
  PORT: '0',
  LOG_LEVEL: 'silent',
  ...settings,
});

describe.each(['1', '2'])('a start of WORKERS=%s', (WORKERS) => {
  it.each<[string, string | null, RegExp]>([
    ['there is no manifest', null, /^TRUSTED_DOCUMENTS_FILE: \S+ does not exist\.\n$/],
    ['a manifest is not JSON', 'x', /^TRUSTED_DOCUMENTS_FILE: \S+ is not valid JSON: .*\.\n$/],
    [
      'a document is invalid',
      '{"Names":"{ nothing }"}',
      /^The trusted document "Names" cannot be executed: .*"nothing".* anew\.\n$/,
    ],
  ])('reports in one sentence that %s', async (_what, manifest, message) => {
    const file = join(folder, `bad-${WORKERS}.json`);
    if (manifest !== null) await writeFile(file, manifest);
    const settings = environment({ WORKERS, TRUSTED_DOCUMENTS_FILE: file });
    const { code, stdout, stderr } = await runCommand('main.ts', [], settings);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('executes the documents of its manifests, and no others', async () => {
    const manifests = join(folder, 'manifest.json');
    await writeFile(manifests, '{"type":"{ __typename }"}');
    const settings = environment({
      WORKERS,
      TRUSTED_DOCUMENTS: 'enforce',
      TRUSTED_DOCUMENTS_FILE: manifests,
    });
    const args = ['create', '--project', `trusted-${WORKERS}`, '--new-project'];
    const secret = (await runCommand('commands/keys.ts', args, settings)).stdout.trim();
    const gateway = startCommand('main.ts', [], settings);
    const origin = /http:\S+(?=\/graphql)/.exec(await gateway.says('\n'))?.[0];
    const answerTo = async (body: object) => {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${secret}`,
          'content-type': 'application/json',
          // Each request by another worker.
          connection: 'close',
        },
        body: JSON.stringify(body),
      });
      return response.json();
    };
    for (let n = 0; n < 4; n += 1) {
      expect(await answerTo({ documentId: 'type' })).toEqual({ data: { __typename: 'Query' } });
      expect(await answerTo({ query: '{ a: __typename }' })).toMatchObject({
        errors: [{ extensions: { code: 'PERSISTED_DOCUMENT_ID_REQUIRED' } }],
      });
    }
    gateway.signal('SIGTERM');
    await gateway.ended;
  });
});

it.each([
  ['broken', (file: string) => writeFile(file, '{"type":')],
  ['gone', (file: string) => rm(file)],
  ['another one', (file: string) => writeFile(file, '{"other":"{ other: __typename }"}')],
])(
  'workers that replace others have the manifest of the start, although its file is %s',
  async (_what, change) => {
    const file = join(folder, 'changing.json');
    await writeFile(file, '{"type":"{ __typename }"}');
    const settings = environment({ TRUSTED_DOCUMENTS: 'enforce', TRUSTED_DOCUMENTS_FILE: file });
    const tollgate = await startWorkers({ ...settings, LOG_LEVEL: 'debug' });
    try {
      await change(file);
      killAtOnce(tollgate.served());
      await tollgate.servedBy(4);
      const response = await fetch(`${tollgate.origin}/graphql`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await createProject(database.url)}`,
          'content-type': 'application/json',
        },
        body: '{"documentId":"type"}',
      });
      expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
    } finally {
      await tollgate.kill();
    }
  },
);

/** The program without settings, with PostgreSQL within its process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from '../audit.js';
import { createKeyByCommand } from '../fill/key.js';
import { fillOverHttp } from '../fill/over-http.js';
import { httpGroup, linesAt, measured } from '../lines.js';
import { measureRounds } from '../rounds.js';
import { type ServerSpec, startServers } from '../servers.js';
import type { Workload } from '../workload.js';
import { SPREAD } from './spread.js';

const CUSTOMERS = 1_000;

export const embedded: Workload = {
  name: 'embedded',
  about: 'the embedded default: no PostgreSQL but the one inside',
  async run(bench) {
    const folder = await mkdtemp(join(tmpdir(), 'tollgate-bench-'));
    const environment = { DATABASE_URL: '', DATA_DIR: folder, GRAPHIQL: 'off' };
    const server: ServerSpec = { kind: 'GATEWAY', count: 1, options: [], environment };
    try {
      const secret = await createKeyByCommand(environment);
      const servers = await startServers(server);
      await fillOverHttp(servers.ports[0] ?? 0, secret, CUSTOMERS).finally(servers.stop);
      const load = { ...SPREAD, customers: { count: CUSTOMERS, stride: 1 } };
      const lines = linesAt([64, 1], { id: 'embedded', label: 'embedded default' }, load);
      const data = { url: '', projectId: '', secret };
      const rounds = await measureRounds({ ...bench, postgresPid: null }, [
        httpGroup(server, data, lines),
      ]);
      const audited = await audit(environment);
      if (!audited.clean) throw new Error(`The audit found damage: ${audited.sentence}`);
      return measured(rounds, [], {
        remarks: [
          "The gateway's CPU is that of PostgreSQL too, which runs on a thread of its own. " +
            `${CUSTOMERS.toLocaleString('en')} customers. ${audited.sentence}`,
        ],
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

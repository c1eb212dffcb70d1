/**
 * Runs the tests that record histories of concurrent calls, writes each as JSON, and prints what the checker says:
 * `npm run histories`, or `npm run histories -- FOLDER` to write them there instead of to `histories`.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const folder = path.resolve(process.argv[2] ?? 'histories');
const env = { ...process.env, TEST_HISTORIES: folder };

function run(...args) {
  const { status } = spawnSync('npx', args, { env, stdio: 'inherit', shell: false });
  return status ?? 1;
}

const files = ['test/graphql/histories', 'test/faults/gateway-kill.test.ts'];
const recorded = run('vitest', 'run', '--project', 'graphql', '--project', 'faults', ...files);
const judged = run('tsx', 'test/support/linearizability/judge-files.ts', folder);
process.exitCode = recorded || judged;

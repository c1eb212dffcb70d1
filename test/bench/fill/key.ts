import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const KEYS = fileURLToPath(new URL('../../../dist/commands/keys.js', import.meta.url));

/** A key of a new project, created by the program's own command: nothing else can open the embedded database. */
export async function createKeyByCommand(
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [KEYS, 'create', '--project', 'bench', '--new-project', '--name', 'bench'],
    { env: { ...process.env, NODE_ENV: 'production', ...environment } },
  );
  return stdout.trim();
}

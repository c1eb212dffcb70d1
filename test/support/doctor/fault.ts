/** Something that can be wrong with a database, and what the doctor says about it. */
import type { FindingCode } from '../../../src/store/checks/codes.js';
import type { Level } from '../../../src/store/checks/finding.js';
import type { Changes } from './patient.js';

export interface Fault {
  readonly code: FindingCode;
  readonly what: string;
  /** Run by the superuser; $db and $role stand for the names. */
  readonly provoke: readonly string[];
  readonly changes?: Changes;
  readonly level: Level;
  readonly found: RegExp;
  /** The commands of the finding; `$db` and `$role` as above. A command that cannot be foreseen is `*`. */
  readonly commands: readonly string[];
  /** What mends it where the finding has no command, or undoes what the commands did. */
  readonly undo?: readonly string[];
}

export const RELOAD = 'SELECT pg_reload_conf();';
/** A setting of the server, as commands are written. */
export const system = (name: string, value: string) => [
  `ALTER SYSTEM SET ${name} = ${value};`,
  RELOAD,
];
export const back = (...names: readonly string[]) => [
  ...names.map((name) => `ALTER SYSTEM RESET ${name}`),
  RELOAD,
];

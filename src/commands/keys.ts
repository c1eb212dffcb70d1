import type { Config } from '../config.js';
import {
  type ApiKey,
  createKey,
  hashOf,
  isSecret,
  PREFIX_CHARS,
  type Project,
  SECRET_START,
} from '../meter/access/keys.js';
import { isScope, SCOPES, type Scope } from '../meter/access/scopes.js';
import { wallClockMs } from '../platform/clock.js';
import type { OpenStore } from '../store/store.js';
import { argumentsOf, daysOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run keys -- create [--project NAME [--new-project]] [--name LABEL] [--expires DAYS] [--scopes A,B]
  npm run keys -- list
  npm run keys -- revoke PREFIX|ID|SECRET

Scopes, all unless some are given: ${SCOPES.join(', ')}`;

/** Keys that are read at once. */
const PAGE_SIZE = 1_000;
const DAY_MS = 86_400_000;
const DAYS_MAX = 36_500;

async function keys(config: Config): Promise<void> {
  const work = workOf(parsed());
  const { store, close } = await openQuietly(config);
  try {
    await work(store);
  } finally {
    await close();
  }
}

function workOf({ positionals, values }: ReturnType<typeof parsed>) {
  const [verb, key, ...more] = positionals;
  const options = Object.keys(values).length;
  if (verb === 'create' && key === undefined) return (store: OpenStore) => create(store, values);
  if (verb === 'list' && key === undefined && options === 0) return list;
  if (verb === 'revoke' && key !== undefined && more.length + options === 0) {
    return (store: OpenStore) => revoke(store, key);
  }
  throw new CommandError(USAGE);
}

function parsed() {
  return argumentsOf(USAGE, {
    allowPositionals: true,
    options: {
      project: { type: 'string' },
      'new-project': { type: 'boolean' },
      name: { type: 'string' },
      expires: { type: 'string' },
      scopes: { type: 'string' },
    },
  });
}

interface CreateValues {
  readonly project?: string | undefined;
  readonly 'new-project'?: boolean | undefined;
  readonly name?: string | undefined;
  readonly expires?: string | undefined;
  readonly scopes?: string | undefined;
}

/** Only the secret goes to stdout, so that it can be piped into a secret store. */
async function create(store: OpenStore, values: CreateValues): Promise<void> {
  const { name = 'unnamed', expires } = values;
  const lifetimeMs = expires === undefined ? null : lifetimeOf(expires);
  const scopes = values.scopes === undefined ? SCOPES : scopesOf(values.scopes);
  refuseControls('--name', name);
  if (name.length > 256) throw new CommandError('--name must have at most 256 characters.');
  const project = await projectOf(store, values);
  const { key, secret } = await createKey(store.apiKeys, {
    projectId: project.id,
    name,
    scopes,
    lifetimeMs,
  });
  const end = key.expiresAt === null ? 'does not expire' : `expires ${instantText(key.expiresAt)}`;
  console.error(
    `A secret key of the project "${project.name}" with ${scopesText(scopes)}, shown only once; it ${end}:`,
  );
  console.log(secret);
}

function lifetimeOf(text: string): number {
  const days = daysOf(text);
  if (days > 0 && days <= DAYS_MAX) return days * DAY_MS;
  throw new CommandError(
    `--expires is "${text}": it must be a number of days, ${DAYS_MAX} at most.`,
  );
}

/** A list with commas, as it is written in messages; spaces between them are allowed. */
function scopesOf(text: string): readonly Scope[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !isScope(name));
  if (unknown === undefined) return SCOPES.filter((scope) => names.includes(scope));
  throw new CommandError(
    `--scopes has "${unknown.slice(0, NAME_CHARS_SHOWN_MAX)}", which is not a scope. There are: ${SCOPES.join(', ')}.`,
  );
}

async function projectOf(store: OpenStore, values: CreateValues): Promise<Project> {
  const { project: name, 'new-project': isNew = false } = values;
  if (name !== undefined) return isNew ? ensured(store, name) : known(store, name);
  if (isNew) throw new CommandError('--new-project needs a name: --project NAME --new-project.');
  const projects = await store.projects.list();
  const [first, ...others] = projects;
  // The very first key needs a project, and there has been no reason to name one yet.
  if (first === undefined) return ensured(store, 'default');
  if (others.length === 0) return first;
  throw new CommandError(
    `There are several projects: ${namesOf(projects)}. Choose one with --project.`,
  );
}

/** Fails rather than create a project whose name may be misspelt. */
async function known(store: OpenStore, name: string): Promise<Project> {
  const project = await store.projects.find(name);
  if (project !== null) return project;
  const projects = await store.projects.list();
  const others = projects.length === 0 ? 'none so far' : namesOf(projects);
  throw new CommandError(
    `There is no project "${name.slice(0, NAME_CHARS_SHOWN_MAX)}"; there are: ${others}. Add ` +
      '--new-project to create it.',
  );
}

const NAME_CHARS_SHOWN_MAX = 200;

function namesOf(projects: readonly Project[]): string {
  return projects.map(({ name }) => name).join(', ');
}

async function ensured(store: OpenStore, name: string): Promise<Project> {
  refuseControls('--project', name);
  if (name.length < 1 || name.length > 256) {
    throw new CommandError('--project must have 1 to 256 characters.');
  }
  const { project, created } = await store.projects.ensure(name);
  if (created) console.error(`The project "${name}" was created.`);
  return project;
}

/** Lists of keys have a line for each. */
function refuseControls(option: string, text: string): void {
  if (!/\p{Cc}/u.test(text)) return;
  throw new CommandError(`${option} must not contain line breaks or other control characters.`);
}

async function list(store: OpenStore): Promise<void> {
  const keys = await allKeys(store);
  if (keys.length === 0) console.error('There are no keys.');
  const rows = keys.map((key) => [
    `${key.prefix}...`,
    key.projectName,
    key.name,
    scopesText(key.scopes),
    `created ${instantText(key.createdAt)}`,
    key.lastUsedAt === null ? 'never used' : `last used ${instantText(key.lastUsedAt)}`,
    stateOf(key),
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((at) =>
    Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  for (const row of rows) {
    console.log(row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  }
}

async function allKeys({ apiKeys }: OpenStore): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  for (;;) {
    const page = await apiKeys.list(PAGE_SIZE, keys.at(-1)?.id);
    keys.push(...page);
    if (page.length < PAGE_SIZE) return keys;
  }
}

function scopesText(scopes: readonly string[]): string {
  const hasAll = SCOPES.every((scope) => scopes.includes(scope));
  return hasAll ? 'all scopes' : scopes.join(',');
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${instantText(revokedAt)}`;
  if (expiresAt === null) return 'active';
  const verb = expiresAt <= wallClockMs() ? 'expired' : 'active, expires';
  return `${verb} ${instantText(expiresAt)}`;
}

async function revoke(store: OpenStore, given: string): Promise<void> {
  const [key, ...others] = await keysOf(store, given);
  const start = startOf(given);
  if (key === undefined) {
    throw new CommandError(`No key begins with "${start}". See \`npm run keys -- list\`.`);
  }
  if (others.length > 0) {
    const ids = [key, ...others].map(({ id, name }) => `${id} (${name})`).join(', ');
    throw new CommandError(`Several keys begin with "${start}"; give the id of one: ${ids}.`);
  }
  await store.apiKeys.revoke(key.id);
  console.error(`The key ${key.prefix}... (${key.name}) stops working within 5 seconds.`);
}

/** By id, by prefix, or by the whole secret, which is at hand if it has leaked. */
async function keysOf(store: OpenStore, given: string): Promise<ApiKey[]> {
  if (isSecret(given)) return store.apiKeys.find(hashOf(given));
  const start = given.replace(/\.*$/, '');
  if (start.startsWith(SECRET_START) && start.length !== PREFIX_CHARS) {
    throw new CommandError(
      `"${startOf(given)}" is neither a whole key nor its first ${PREFIX_CHARS} characters. Give these, as ` +
        '`npm run keys -- list` shows them, the id of the key, or all of it.',
    );
  }
  return store.apiKeys.find(start);
}

/** What a message may show of it: no more than the list of keys does. */
function startOf(given: string): string {
  const charsMax = given.startsWith(SECRET_START) ? PREFIX_CHARS : NAME_CHARS_SHOWN_MAX;
  return given.length <= charsMax ? given : `${given.slice(0, charsMax)}...`;
}

function instantText(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16).replace('T', ' ');
}

await runCommand(keys, settingsOrHelp(USAGE));

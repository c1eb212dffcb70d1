import type { Config } from '../config.js';
import { type KeyKind, KIND_SCOPES } from '../meter/access/key-kinds.js';
import { createKey, type ListedKey, type Project, rotateKey } from '../meter/access/keys.js';
import { OVERLAP_MINUTES_DEFAULT, OVERLAP_MINUTES_MAX } from '../meter/access/manage-keys.js';
import { isScope, SCOPES, type Scope } from '../meter/access/scopes.js';
import type { OpenStore } from '../store/store.js';
import { argumentsOf, daysOf, settingsOrHelp } from './arguments.js';
import { keyGiven, NAME_CHARS_SHOWN_MAX } from './key-given.js';
import { instantText, listKeys, listProjects, scopesText } from './key-lists.js';
import { openQuietly } from './open.js';
import { CommandError, runCommand } from './run.js';
import { replaceTokenSecret } from './token-secret.js';

/** Unless some are given. Events may have properties that are not meant for the customer. */
const DEFAULTS: Readonly<Record<KeyKind, readonly Scope[]>> = {
  SECRET: SCOPES,
  PUBLISHABLE: ['check:read', 'balances:read'],
  CUSTOMER: ['track:write', 'check:read', 'balances:read'],
};

const USAGE = `Usage:
  npm run keys -- create [--project NAME [--new-project]] [--name LABEL] [--expires DAYS] [--scopes A,B]
  npm run keys -- create --publishable [the same]
  npm run keys -- create --customer [the same]
  npm run keys -- create --admin [--name LABEL] [--expires DAYS]
  npm run keys -- token-secret [--project NAME] [--overlap HOURS]
  npm run keys -- list
  npm run keys -- projects
  npm run keys -- rotate PREFIX|ID|SECRET [--overlap DAYS]
  npm run keys -- revoke PREFIX|ID|SECRET

Scopes, all unless some are given: ${SCOPES.join(', ')}.
A publishable key, for browsers and apps, opens one customer together with a customer token; its scopes are
${DEFAULTS.PUBLISHABLE.join(', ')} unless others are given that only read. So does a customer key, for gateways
that pass on the tokens of their clients, and it can track: ${DEFAULTS.CUSTOMER.join(', ')}.`;

const MINUTE_MS = 60_000;
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

type Work = (store: OpenStore) => Promise<void>;
type Values = ReturnType<typeof parsed>['values'];

function workOf({ positionals, values }: ReturnType<typeof parsed>): Work {
  const [verb, key, ...more] = positionals;
  const { overlap, ...others } = values;
  const options = Object.keys(others).length;
  const isForKey = key !== undefined && more.length + options === 0;
  if (verb === 'rotate' && isForKey) return (store) => rotate(store, key, values);
  if (verb === 'token-secret' && key === undefined) {
    return (store) => replaceTokenSecret(store, projectOf, values);
  }
  if (overlap !== undefined) throw new CommandError(USAGE);
  if (verb === 'create' && key === undefined) {
    return (store) => (values.admin ? createAdmin(store, values) : create(store, values));
  }
  if (verb === 'list' && key === undefined && options === 0) return listKeys;
  if (verb === 'projects' && key === undefined && options === 0) return listProjects;
  if (verb === 'revoke' && isForKey) return (store) => revoke(store, key);
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
      admin: { type: 'boolean' },
      publishable: { type: 'boolean' },
      customer: { type: 'boolean' },
      overlap: { type: 'string' },
    },
  });
}

/** Only the secret goes to stdout, so that it can be piped into a secret store. */
async function create(store: OpenStore, values: Values): Promise<void> {
  const label = labelOf(values);
  const kind = kindGiven(values);
  const scopes = scopesOf(values.scopes, kind);
  const project = await projectOf(store, values);
  const draft = { ...label, scopes, projectId: project.id, kind };
  const { key, secret } = await createKey(store.apiKeys, draft);
  console.error(
    `A ${kind.toLowerCase()} key of the project "${project.name}" with ${scopesText(scopes)}, shown only once; it ${endOf(key)}:`,
  );
  console.log(secret);
}

async function createAdmin(store: OpenStore, values: Values): Promise<void> {
  const { admin: _admin, name: _name, expires: _expires, ...others } = values;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new CommandError(
      `--admin and --${other} exclude each other: an admin key belongs to no project, and has no scopes to choose.`,
    );
  }
  const draft = { ...labelOf(values), scopes: ['keys:write'], projectId: null } as const;
  const { key, secret } = await createKey(store.apiKeys, draft);
  console.error(
    `An admin key, which manages all projects and their keys, shown only once; it ${endOf(key)}:`,
  );
  console.log(secret);
}

function labelOf({ name = 'unnamed', expires }: Values) {
  refuseControls('--name', name);
  if (name.length > 256) throw new CommandError('--name must have at most 256 characters.');
  return { name, lifetimeMs: expires === undefined ? null : lifetimeOf(expires) };
}

function endOf({ expiresAt }: ListedKey): string {
  return expiresAt === null ? 'does not expire' : `expires ${instantText(expiresAt)}`;
}

function lifetimeOf(text: string): number {
  const days = daysOf(text);
  if (days > 0 && days <= DAYS_MAX) return days * DAY_MS;
  throw new CommandError(
    `--expires is "${text}": it must be a number of days, ${DAYS_MAX} at most.`,
  );
}

function kindGiven({ publishable = false, customer = false }: Values): KeyKind {
  if (publishable && customer) {
    throw new CommandError('--publishable and --customer exclude each other: choose one.');
  }
  if (publishable) return 'PUBLISHABLE';
  return customer ? 'CUSTOMER' : 'SECRET';
}

/** A list with commas, as it is written in messages; spaces between them are allowed. */
function scopesOf(text: string | undefined, kind: KeyKind): readonly Scope[] {
  if (text === undefined) return DEFAULTS[kind];
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !isScope(name));
  if (unknown === undefined) {
    const scopes = SCOPES.filter((scope) => names.includes(scope));
    const unfit = scopes.find((scope) => !KIND_SCOPES[kind].includes(scope));
    if (unfit === undefined) return scopes;
    throw new CommandError(
      `A ${kind.toLowerCase()} key cannot have the scope ${unfit}, only: ${KIND_SCOPES[kind].join(', ')}.`,
    );
  }
  throw new CommandError(
    `--scopes has "${unknown.slice(0, NAME_CHARS_SHOWN_MAX)}", which is not a scope. There are: ${SCOPES.join(', ')}.`,
  );
}

async function projectOf(store: OpenStore, values: Values): Promise<Project> {
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

/** The new secret goes to stdout, as that of `create` does. */
async function rotate(store: OpenStore, given: string, values: Values): Promise<void> {
  const overlapMs = overlapOf(values.overlap);
  const key = await keyGiven(store, given);
  const rotated = await rotateKey(store.apiKeys, key, { overlapMs, endMax: null });
  if (rotated === null) throw new CommandError(whyNot(await keyGiven(store, key.id)));
  const { expiresAt } = rotated.replaced;
  const end = expiresAt === null ? '' : ` The old secret works until ${instantText(expiresAt)}.`;
  console.error(`A new secret for ${nameOf(key)}, shown only once.${end}`);
  console.log(rotated.secret);
}

function overlapOf(text: string | undefined): number {
  if (text === undefined) return OVERLAP_MINUTES_DEFAULT * MINUTE_MS;
  const ms = daysOf(text) * DAY_MS;
  const msMax = OVERLAP_MINUTES_MAX * MINUTE_MS;
  if (ms <= msMax) return ms;
  throw new CommandError(
    `--overlap is "${text}": it must be a number of days, ${msMax / DAY_MS} at most; 0 ends the old secret at once.`,
  );
}

function whyNot({ revokedAt, rotatedToId, ...key }: ListedKey): string {
  if (revokedAt !== null) return `${nameOf(key)} is revoked. Create another one.`;
  if (rotatedToId === null) return `${nameOf(key)} has expired. Create another one.`;
  return (
    `${nameOf(key)} has been rotated already. If the new secret was lost, rotate its successor: ` +
    `npm run keys -- rotate ${rotatedToId} --overlap 0`
  );
}

async function revoke(store: OpenStore, given: string): Promise<void> {
  const key = await keyGiven(store, given);
  await store.apiKeys.revoke(key.id);
  console.error(`${nameOf(key)} stops working within 5 seconds.`);
}

function nameOf({ prefix, name }: Pick<ListedKey, 'prefix' | 'name'>): string {
  return `The key ${prefix}... (${name})`;
}

await runCommand(keys, settingsOrHelp(USAGE));

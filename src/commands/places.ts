import type { Config } from '../config.js';
import type { Fence } from '../store/fence.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run places -- status
  npm run places -- close
  npm run places -- open

Says whether customers are open to writes, closes them, or opens them again. While they are closed, no gateway or
other program can write anything of a customer; calls that write wait for up to two seconds and are then answered DATABASE_UNAVAILABLE. Reads and the catalogue are not affected.`;

type Action = (fence: Fence, place: string) => Promise<string>;

const ACTIONS: Readonly<Record<string, Action>> = {
  async status(fence, place) {
    const since = await fence.closedSince();
    const state = since === null ? 'open to writes' : `closed to writes since ${since}`;
    return `Customers in ${place} are ${state}.`;
  },
  async close(fence, place) {
    const since = await fence.close();
    return `Customers in ${place} are closed to writes since ${since}, and what was in progress is written. To open them: npm run places -- open`;
  },
  async open(fence, place) {
    const { wasClosed, isRemoved } = await fence.open();
    const left = isRemoved
      ? ''
      : ' Triggers that refuse nothing are left on the tables, because something reads them. Run this again once it has ended.';
    return `Customers in ${place} ${wasClosed ? 'are open to writes again' : 'were open to writes already'}.${left}`;
  },
};

/** Opens and closes customers to writes. */
async function places(config: Config): Promise<void> {
  const { positionals } = argumentsOf(USAGE, { allowPositionals: true });
  const action = ACTIONS[positionals[0] ?? ''];
  if (action === undefined || positionals.length > 1) throw new CommandError(USAGE);
  if (config.database.kind === 'EMBEDDED') throw new CommandError(EMBEDDED);
  const { store, place, close } = await openQuietly(config);
  try {
    console.log(await action(store.fence, place));
  } finally {
    await close();
  }
}

const EMBEDDED =
  'The embedded database serves one process: nothing is written while the gateway is stopped. Set DATABASE_URL for another one.';

await runCommand(places, settingsOrHelp(USAGE));

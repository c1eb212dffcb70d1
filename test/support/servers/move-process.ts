/** Moves place 1 in a process that can be killed: the addresses of the servers, where to, and how many places there are. */
import { movePlace } from '../../../src/store/servers/move-place.js';

const [home = '', other = '', to = '', places = ''] = process.argv.slice(2);
process.send?.('RUNNING');
await movePlace({
  home: { connectionString: home },
  servers: new Map([['other', { connectionString: other }]]),
  places: Number(places),
  connectTimeoutMs: 20_000,
  mapKnownMs: 0,
  say: () => undefined,
  number: 1,
  to,
  onStep: (step) => void process.send?.(step ?? 'DONE'),
});
process.disconnect?.();

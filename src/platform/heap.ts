import { setFlagsFromString } from 'node:v8';

/**
 * By how much the old generation may grow beyond its live size before it is collected again. By default, V8 lets it
 * grow to three times the size, which a gateway fills with outdated balances: 100 MB for no gain in speed.
 */
const GROWTH_PERCENT = 25;

/** To be called once, before there is any load; V8 asks for the flag at each collection. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}

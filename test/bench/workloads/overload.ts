/** Twice as much as the gateway can handle, from clients that do not wait for answers. */
import { gateways, httpGroup, linesAt, measured, over } from '../lines.js';
import { measureRounds } from '../rounds.js';
import { number } from '../text.js';
import type { Line, Workload } from '../workload.js';
import { SPREAD } from './spread.js';

/** The maximum number of requests waiting for an answer; a gateway accepts 10,000 connections. */
const CONNECTIONS = 4_000;

/** By then, everything that can fill up is full. */
const WARM_UP_MS = 5_000;

export const overload: Workload = {
  name: 'overload',
  about:
    'an open loop that offers twice the peak: what is accepted, and how fast the rest is refused',
  async run(bench) {
    const data = await bench.smallDatabase();
    const [peak] = linesAt([256], { id: 'peak', label: 'peak' }, SPREAD);
    if (peak === undefined) throw new Error('there is one line for each number of connections');
    const rounds = await measureRounds(bench, [httpGroup(gateways(data), data, [peak, TWICE])]);
    const row = rounds.rows.find(({ id }) => id === TWICE.id);
    const { refusedPerSecond = 0, refusedP99Ms = 0, unsent = 0 } = row ?? {};
    return measured(rounds, [over([TWICE.id], peak.id, '÷ peak')], {
      remarks: [
        `Refused with OVERLOADED: ${number(refusedPerSecond, 0)}/s, p99 ${number(refusedP99Ms, 1)} ms. ` +
          `Due and never sent, because all ${CONNECTIONS.toLocaleString('en')} connections waited ` +
          `for an answer: ${number(unsent, 0)}. Latencies count from when a request was due.`,
      ],
      extra: { refusedPerSecond, refusedP99Ms, unsent },
    });
  },
};

const TWICE: Line = {
  id: 'twice',
  label: 'twice the peak offered, accepted',
  unit: 'requests',
  load: {
    kind: 'HTTP',
    ...SPREAD,
    connections: CONNECTIONS,
    warmUpMs: WARM_UP_MS,
    offeredPerSecond: (measured) => 2 * measured('peak-256').perSecond,
  },
};

/** The gateway has cached the data of a load before the load is measured. */
import { expect, it } from 'vitest';
import { isFirstOfItsLoad } from '../bench/rounds.js';
import type { HttpLoad, Line } from '../bench/workload.js';

const EVERYONE = { count: 10_000, stride: 1 };

function line(body: string, customers: HttpLoad['customers'], connections: number): Line {
  const load: HttpLoad = { kind: 'HTTP', body, success: '', connections, customers };
  return { id: `${body}-${connections}`, label: '', unit: 'requests', load };
}

it('each load of a group is warmed up once, and a load without a group by itself', () => {
  const lines = [
    line('spread', EVERYONE, 256),
    line('spread', EVERYONE, 64),
    line('entity', EVERYONE, 256),
    line('entity', EVERYONE, 1),
    line('entity', { count: 1, stride: 1 }, 1),
  ];
  const first = lines.map((_line, index) => isFirstOfItsLoad({ lines }, index));
  expect(first).toEqual([true, false, true, false, true]);
});

/** Several processes on one database: gateways side by side, and workers on one port. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gateways, httpGroup, linesAt, measured, over } from '../lines.js';
import { measureRounds } from '../rounds.js';
import type { Workload } from '../workload.js';
import { SPREAD } from './spread.js';

export const gateways2 = severalGateways(2);
export const gateways4 = severalGateways(4);

function severalGateways(count: number): Workload {
  return {
    name: `gateways-${count}`,
    about: `${count} gateways on one database, customers routed by hash and at random`,
    async run(bench) {
      const data = await bench.smallDatabase();
      const several = gateways(data, count);
      const rounds = await measureRounds(bench, [
        httpGroup(gateways(data), data, linesAt([256], ONE, SPREAD)),
        httpGroup(several, data, [
          ...linesAt([256], { id: 'hash', label: `${count} gateways by hash` }, OWN),
          ...linesAt([256], { id: 'any', label: `${count} gateways at random` }, SPREAD),
        ]),
      ]);
      return measured(rounds, [over(['hash-256', 'any-256'], 'one-256', '÷ one gateway')]);
    },
  };
}

const ONE = { id: 'one', label: 'one gateway' } as const;
const OWN = { ...SPREAD, routing: 'OWN' } as const;

export const workers2: Workload = {
  name: 'workers-2',
  about: 'the program started with --workers 2, beside one process',
  async run(bench) {
    if (!knowsWorkers()) {
      return { kind: 'SKIPPED', reason: 'dist/main.js has no --workers.' };
    }
    const data = await bench.smallDatabase();
    const workers = gateways(data, 1, ['--workers', '2']);
    const rounds = await measureRounds(bench, [
      httpGroup(gateways(data), data, linesAt([256], { id: 'one', label: 'one process' }, SPREAD)),
      httpGroup(workers, data, linesAt([256], { id: 'workers', label: 'two workers' }, SPREAD)),
    ]);
    return measured(rounds, [over(['workers-256'], 'one-256', '÷ one process')]);
  },
};

/** A program without the option would ignore it, and one process would be measured as two. */
function knowsWorkers(): boolean {
  const dist = fileURLToPath(new URL('../../../dist', import.meta.url));
  const files = [
    'main.js',
    ...readdirSync(join(dist, 'commands')).map((name) => `commands/${name}`),
  ];
  return files
    .filter((name) => name.endsWith('.js'))
    .some((name) => /\bworkers\b/.test(readFileSync(join(dist, name), 'utf8')));
}

/** The same loads on a database that already has a million customers and ten million events. */
import { gateways, httpGroup, linesAt, measured, over, under } from '../lines.js';
import { readBalances } from '../requests.js';
import { measureRounds } from '../rounds.js';
import type { HttpLoad, Workload } from '../workload.js';
import { READ } from './read.js';
import { EVERYONE, SPREAD } from './spread.js';

type LoadOn = Omit<HttpLoad, 'kind' | 'connections'>;

const ONE = { count: 1, stride: 1 } as const;

export const largeSpread = onLarge(
  'large-spread',
  'spread on 1,000,000 customers and 10,000,000 events: 10,000 active ones, and any of them',
  (all) => ({
    small: { label: 'small database', load: SPREAD },
    active: { label: 'large database, 10,000 active', load: { ...SPREAD, customers: active(all) } },
    any: { label: 'large database, any customer', load: { ...SPREAD, customers: any(all) } },
  }),
);

export const largeHot = onLarge('large-hot', 'one hot customer of that database', () => ({
  small: { label: 'small database', load: { ...SPREAD, customers: ONE } },
  active: { label: 'large database', load: { ...SPREAD, customers: ONE } },
}));

export const largeRead = onLarge(
  'large-read',
  'reads on that database: five balances of 10,000 customers, and the balance of any',
  (all) => {
    const plain = readBalances('plain');
    return {
      small: { label: 'small database, five balances', load: READ },
      active: { label: 'large database, five balances', load: READ },
      'small-any': {
        label: 'small database, one balance',
        load: { ...plain, customers: EVERYONE },
      },
      any: {
        label: 'large database, any customer, one balance',
        load: { ...plain, customers: any(all) },
      },
    };
  },
);

type Loads = Readonly<Record<string, { readonly label: string; readonly load: LoadOn }>>;

function onLarge(name: string, about: string, loads: (customers: number) => Loads): Workload {
  return {
    name,
    about,
    async run(bench) {
      const large = await bench.largeDatabase();
      const small = await bench.smallDatabase('plain', 'reader');
      const entries = Object.entries(loads(large.customers));
      const lines = (isSmall: boolean) =>
        entries
          .filter(([id]) => id.startsWith('small') === isSmall)
          .flatMap(([id, { label, load }]) => linesAt([256], { id, label }, load));
      const rounds = await measureRounds(bench, [
        httpGroup(gateways(small), small, lines(true)),
        httpGroup(gateways(large), large, lines(false)),
      ]);
      const ids = entries.map(([id]) => id);
      return measured(
        rounds,
        ids
          .filter((id) => !id.startsWith('small'))
          .flatMap((id) => {
            const base = ids.includes(`small-${id}`) ? `small-${id}` : 'small';
            return [
              over([`${id}-256`], `${base}-256`, '÷ small'),
              under([`${id}-256`], `${base}-256`, 'p99 ÷ small', 'p99Ms'),
            ];
          }),
      );
    },
  };
}

/** Ten thousand customers, spread over all of them. */
function active(customers: number) {
  return { count: EVERYONE.count, stride: Math.floor(customers / EVERYONE.count) };
}

function any(customers: number) {
  return { count: customers, stride: 1 };
}

/** R30: what an explanation tells of each part that could pay. That it is the effect of the call is in check-property.test.ts. */
import { describe, expect, it } from 'vitest';
import { advanceAccount } from '../../src/domain/account.js';
import { costToText } from '../../src/domain/cost.js';
import { EXPLAINED_MAX, type ExplainedStep, explain } from '../../src/domain/explain.js';
import { quantityToText } from '../../src/domain/quantity.js';
import { reserve } from '../../src/domain/reserve.js';
import { CATALOGUE, monthly, oneOff } from '../support/cases/case.js';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { requestOf } from '../support/cases/domain-requests.js';
import type { PlainGrant, PlainTrack } from '../support/cases/plain.js';

/** A part in one line: whose, from where, why before the next, available + beyond the grant, taken + beyond. */
type Told = readonly [part: string, criterion: string | null, available: string, taken: string];

interface Row {
  readonly title: string;
  readonly grants: readonly PlainGrant[];
  readonly before?: readonly PlainTrack[];
  /** Reserved before the call, for a day. */
  readonly reserved?: readonly PlainTrack[];
  readonly call: PlainTrack;
  readonly steps: readonly Told[];
  /** By charged feature; none by default. */
  readonly unapplied?: Readonly<Record<string, string>>;
  readonly refusal?: string;
}

const NOW = Date.parse('2026-03-15T12:00:00.000Z');
const SOON = '2026-03-16T00:00:00.000Z';
const MONTHS_BEFORE = Date.parse('2026-02-15T12:00:00.000Z');

const messages = (name: string, granted: number, options: Partial<PlainGrant> = {}) =>
  oneOff('messages', granted, { name, ...options });

const exceeding = { overageAllowed: true, overageLimit: 5 };
const OVER = { overageAllowed: true };
const call = { featureId: 'messages', value: 12 };

const ROWS: readonly Row[] = [
  {
    title: 'names each criterion of R8 in its turn',
    grants: [
      messages('old', 1),
      messages('new', 1),
      messages('overage', 1, OVER),
      messages('soon', 1, { expiresAt: SOON }),
      messages('late', 1, { priority: 1 }),
      messages('seat', 1, { entityId: 'seat' }),
      messages('any', 0, { unlimited: true }),
    ],
    call: { ...call, entityId: 'seat' },
    steps: [
      ['any', 'UNLIMITED', '* + 0', '12 + 0'],
      ['seat', 'ENTITY', '1 + 0', '0 + 0'],
      ['soon', 'LOST_FIRST', '1 + 0', '0 + 0'],
      ['old', 'OLDEST', '1 + 0', '0 + 0'],
      ['new', 'NO_OVERAGE', '1 + 0', '0 + 0'],
      ['overage', 'PRIORITY', '1 + *', '0 + 0'],
      ['late', null, '1 + 0', '0 + 0'],
    ],
  },
  {
    title: 'takes rolled-over amounts and credits apart, at their cost',
    grants: [
      monthly('action1', 10, { name: 'monthly' }, { rollover: {} }),
      oneOff('credits', 2, { name: 'credits' }),
    ],
    call: { featureId: 'action1', value: 40 },
    steps: [
      ['monthly rolled over', 'ROLLED_OVER', '10 + 0', '10 + 0'],
      ['monthly', 'OWN_FEATURE', '10 + 0', '10 + 0'],
      ['credits x 0.2', null, '2 + 0', '2 + 0'],
    ],
    unapplied: { action1: '2' },
  },
  {
    title: 'takes what is beyond the grant after all grants',
    grants: [messages('limited', 5, exceeding), messages('plain', 4)],
    call,
    steps: [
      ['plain', 'NO_OVERAGE', '4 + 0', '4 + 0'],
      ['limited', null, '5 + 5', '5 + 3'],
    ],
  },
  {
    title: 'leaves what is reserved, within the grant and beyond',
    grants: [messages('limited', 10, exceeding)],
    reserved: [{ ...call, value: 12 }],
    call: { ...call, value: 5 },
    steps: [['limited', null, '0 + 3', '0 + 3']],
    unapplied: { messages: '2' },
  },
  {
    title: 'counts what is reserved and used together',
    grants: [messages('limited', 10, exceeding)],
    before: [{ ...call, value: 6 }],
    reserved: [{ ...call, value: 3 }],
    call: { ...call, value: 7, overageBehavior: 'REJECT' },
    steps: [['limited', null, '1 + 5', '1 + 5']],
    unapplied: { messages: '1' },
    refusal: 'INSUFFICIENT_BALANCE',
  },
  {
    title: 'gives back overage before what is within the grant, and no more than was used',
    grants: [messages('limited', 5, exceeding)],
    before: [{ ...call, value: 7 }],
    call: { ...call, value: -9 },
    steps: [['limited', null, '0 + 3', '-5 + -2']],
    unapplied: { messages: '-2' },
  },
  {
    title: 'takes without limits under OVERFLOW',
    grants: [messages('limited', 5, exceeding), messages('last', 1, { priority: 1 })],
    call: { ...call, value: 20, overageBehavior: 'OVERFLOW' },
    steps: [
      ['limited', 'PRIORITY', '5 + 5', '5 + 14'],
      ['last', null, '1 + 0', '1 + 0'],
    ],
  },
  {
    title: 'has what costs nothing in any amount',
    grants: [oneOff('pass', 1)],
    call: { featureId: 'action4', value: 1000 },
    steps: [['pass x 0', null, '* + 0', '0 + 0']],
  },
  {
    title:
      'plans each feature of an event name on what the ones before leave, and counts places anew',
    grants: [oneOff('action1', 1), oneOff('credits', 1), oneOff('action3', 2)],
    call: { eventName: 'action-event', value: 3 },
    steps: [
      ['action1', 'OWN_FEATURE', '1 + 0', '1 + 0'],
      ['credits x 0.2', null, '1 + 0', '0.4 + 0'],
      ['action3', null, '2 + 0', '2 + 0'],
    ],
    unapplied: { action3: '1' },
  },
  {
    title: 'has no steps of what is not held',
    grants: [],
    call,
    steps: [],
    unapplied: { messages: '12' },
  },
  {
    title: 'says which refusal that is',
    grants: [],
    call: { ...call, value: 0, overageBehavior: 'REJECT' },
    steps: [],
    refusal: 'INSUFFICIENT_BALANCE',
  },
];

function customerOf({ grants, before = [], reserved = [] }: Row): DomainCustomer {
  const customer = new DomainCustomer(CATALOGUE);
  customer.apply({ createEntity: 'seat' }, MONTHS_BEFORE);
  for (const [index, grant] of grants.entries()) customer.apply({ grant }, MONTHS_BEFORE + index);
  for (const track of before) customer.apply({ track }, NOW - 1);
  for (const [index, plain] of reserved.entries()) {
    const request = requestOf(plain);
    if (request === null) throw new Error('a row is valid');
    const { account } = advanceAccount(customer.account, NOW - 1);
    const held = { ...request, reservationId: `${index}`, expiry: { afterMs: 86_400_000 } };
    const decision = reserve(account, customer.catalog, held, null, NOW - 1);
    if (!decision.ok) throw new Error('what a row reserves is there');
    customer.account = decision.account;
  }
  return customer;
}

function explained(row: Row) {
  const { account, catalog } = customerOf(row);
  const usage = requestOf(row.call);
  if (usage === null) throw new Error('a row is valid');
  return explain(advanceAccount(account, NOW).account, catalog, usage, NOW);
}

const text = (amount: bigint | null) => (amount === null ? '*' : quantityToText(amount));

function told(step: ExplainedStep): Told {
  const cost = costToText(step.cost);
  const part = `${step.balance.id}${step.rolledOver === null ? '' : ' rolled over'}`;
  return [
    cost === '1' ? part : `${part} x ${cost}`,
    step.criterion,
    `${text(step.available)} + ${text(step.availableOverage)}`,
    `${text(step.granted)} + ${text(step.overage)}`,
  ];
}

describe('an explanation', () => {
  it.each(ROWS)('$title', (row) => {
    const { steps, unapplied, refusal } = explained(row);
    expect(steps.map(told)).toEqual(row.steps);
    const left = unapplied.map(({ chargedFeatureId, amount }) => [chargedFeatureId, text(amount)]);
    expect(Object.fromEntries(left)).toEqual(row.unapplied ?? {});
    expect(refusal?.code ?? null).toBe(row.refusal ?? null);
  });

  it('numbers the parts of each feature from 1', () => {
    const row = ROWS.find(({ call: { eventName } }) => eventName !== undefined);
    if (row === undefined) throw new Error('one row has an event name');
    const places = explained(row).steps.map(({ chargedFeatureId, place }) => [
      chargedFeatureId,
      place,
    ]);
    expect(places).toEqual([
      ['action1', 1],
      ['action1', 2],
      ['action3', 1],
    ]);
  });

  it(`tells the first ${EXPLAINED_MAX} parts`, () => {
    const row = { title: '', grants: [messages('many', 1)], call, steps: [] };
    const customer = customerOf(row);
    const [balance] = customer.account.balances;
    if (balance === undefined) throw new Error('it was granted');
    const balances = Array.from({ length: EXPLAINED_MAX + 1 }, (_, n) => ({
      ...balance,
      id: `${n}`.padStart(5, '0'),
    }));
    const usage = requestOf(call);
    if (usage === null) throw new Error('it is valid');
    const account = { ...customer.account, balances };
    const { steps } = explain(account, customer.catalog, usage, NOW);
    expect(steps.map(({ place }) => place)).toEqual(
      Array.from({ length: EXPLAINED_MAX }, (_, n) => n + 1),
    );
  });
});

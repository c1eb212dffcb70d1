/** The operations that correct balances, named as in the cases. */
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type { PlainCall, PlainRollover, PlainUpdate } from '../cases/plain.js';
import type { Client } from './client.js';

type Correction = Extract<PlainCall, { update: unknown } | { delete: unknown }>;

export interface Refused {
  readonly code: RefusalCode;
  readonly message: string;
}

const document = (mutation: string, type: string, payload: string) => `
  mutation Correct($input: ${type}!) {
    done: ${mutation}(input: $input) {
      ... on Error { code message }
      ... on ${payload} { balance { ledger(first: 1) { edges { node { recordedAt } } } } }
    }
  }`;

const UPDATE = document('updateBalance', 'BalancesUpdateInput', 'UpdateBalancePayload');
const DELETE = document('deleteBalance', 'BalancesDeleteInput', 'DeleteBalancePayload');

/** The refusal, or when the balance was last changed: by the correction, unless that changed nothing. */
export async function correct(
  client: Client,
  customerId: string,
  call: Correction,
  names: ReadonlyMap<string, string>,
): Promise<Refused | number> {
  const { name, byBalanceId = false } = 'update' in call ? call.update : call.delete;
  const id = [...names].find(([, other]) => other === name)?.[0];
  const common = { customerId, ...(byBalanceId ? { balanceId: name } : { id }) };
  const { done } =
    'update' in call
      ? await client.run<Done>(UPDATE, { input: { ...common, ...updateInput(call.update) } })
      : await client.run<Done>(DELETE, {
          input: { ...common, transferUsage: call.delete.transferUsage },
        });
  return 'code' in done ? done : Date.parse(done.balance.ledger.edges[0]?.node.recordedAt ?? '');
}

interface Done {
  readonly done:
    | Refused
    | {
        readonly balance: {
          readonly ledger: { readonly edges: { readonly node: { readonly recordedAt: string } }[] };
        };
      };
}

function updateInput({ name: _, byBalanceId: _own, reset, ...others }: PlainUpdate): object {
  if (reset === undefined) return others;
  if (reset === null) return { ...others, resetInterval: null };
  const { interval, count, anchor, timeZone, rollover, carryOverage } = reset;
  return {
    ...others,
    resetInterval: interval,
    resetIntervalCount: count,
    resetAnchor: anchor,
    resetTimeZone: timeZone,
    rollover: rollover ? rolloverInput(rollover) : rollover,
    carryOverage,
  };
}

function rolloverInput({ keep, ...max }: PlainRollover): object {
  return { ...max, interval: keep?.unit, intervalCount: keep?.count };
}

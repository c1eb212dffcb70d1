import { present } from '../domain/assert.js';
import type { Balance } from '../domain/balance.js';
import { type GrantRequest, grant, grantFingerprint, refuseGrant } from '../domain/grant.js';
import type { Instant } from '../domain/interval.js';
import { uuidOf, uuidTail } from '../platform/id.js';
import { customerScope } from './customer-key.js';
import { outcomeFromJson, outcomeToJson } from './outcome-json.js';
import type { CustomerScope } from './store.js';
import { type Answer, done, type VerbContext } from './verb.js';
import type { Command } from './write/command.js';

export interface CreateBalanceInput extends GrantRequest {
  readonly idempotencyKey: string | null;
}

/** A new balance as it was at its creation. */
export interface CreatedBalance {
  readonly scope: CustomerScope;
  readonly customerId: string;
  readonly balance: Balance;
  readonly now: Instant;
  readonly replayed: boolean;
}

/** Grants a feature to a customer or to one of its entities: exactly once, where it has a key. */
export function createBalance(
  ctx: VerbContext,
  input: CreateBalanceInput,
): Promise<Answer<CreatedBalance>> {
  return ctx.commands.submit(createBalanceCommand(ctx.caller.projectId, input));
}

const BALANCE_BYTES = 1_000;

function createBalanceCommand(
  projectId: string,
  input: CreateBalanceInput,
): Command<CreatedBalance> {
  const { customerId, entityId, featureId, idempotencyKey } = input;
  const scope = customerScope(projectId, customerId);
  const answerTo = (balance: Balance, now: Instant, replayed: boolean) =>
    done({ scope, customerId, balance, now, replayed });

  return {
    scope,
    entityId,
    idempotency:
      idempotencyKey === null
        ? null
        : { key: idempotencyKey, fingerprint: grantFingerprint(input) },
    turnsAt: input.expiresAt,
    bytes: BALANCE_BYTES,
    structural: true,
    refuse: ({ account, catalog, now }) => refuseGrant(account, catalog, input, now),
    decide(account, { catalog, now }) {
      const feature = present(catalog.features.get(featureId), 'refuse has found the feature');
      const { balance, entry } = grant(feature, input, uuidOf(now, uuidTail()), now);
      return {
        changes: {
          account: { ...account, balances: [...account.balances, balance] },
          entries: [entry],
          event: null,
          newBalances: [balance],
          entity: null,
        },
        outcome: () => outcomeToJson(balance),
        answer: (recordedAt) => answerTo(balance, recordedAt, false),
      };
    },
    replay: (json, recordedAt) => answerTo(storedBalance(json), recordedAt, true),
  };
}

/** The JSON under a key whose fingerprint says `createBalance` was written by this file. */
function storedBalance(json: unknown): Balance {
  return outcomeFromJson(json) as Balance;
}

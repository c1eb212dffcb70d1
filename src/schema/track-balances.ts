import { setImmediate } from 'node:timers/promises';
import type { TrackBalanceInput } from '../meter/track-balance.js';
import { trackBalances } from '../meter/track-balances.js';
import type { Result } from '../meter/verb.js';
import { builder } from './builder.js';
import type { Context } from './context.js';
import { returnedUnionValue } from './errors.js';
import { argumentRules } from './input/argument-rules.js';
import { BATCH_INPUTS_MAX } from './input/limits.js';
import * as rules from './input/rules.js';
import { BalancesTrackInput, readTrackInput } from './input/track-input.js';
import { holds } from './list-size.js';
import { type Keyed, keyed } from './request-key.js';
import { TrackBalanceResult } from './track-balance.js';

builder.mutationField('trackBalances', (t) =>
  t.field({
    type: [TrackBalanceResult],
    extensions: holds(BATCH_INPUTS_MAX, { asManyAs: 'inputs', isBatch: true }),
    // For an item that could not be decided there is only the error; the others are not affected.
    nullable: { list: false, items: true },
    scopes: ['track:write'],
    description:
      'Records up to 1,000 usage events, each as `trackBalance` would by itself, and answers ' +
      'them in order. An item that could not be decided is null, with an error whose path ' +
      'names it.',
    args: {
      inputs: t.arg({
        type: [BalancesTrackInput],
        required: true,
        extensions: argumentRules(rules.batchInputs().schema),
        description:
          `The usage to record, 1 to ${BATCH_INPUTS_MAX} items. Those of one customer are decided ` +
          'in this order. A refused item does not undo the others.',
      }),
    },
    resolve: async (_root, { inputs }, context, info) => {
      const calls = inputs.map((input, index) => keyed(input, context, info, index));
      const results = await trackBalances(context, await readInTurns(calls, context));
      return results.map((result, index) => {
        calls[index]?.note(result);
        return result instanceof Error ? itemError(result) : returnedUnionValue(result);
      });
    },
  }),
);

/** How many items are read before others have their turn: a thousand take as long as hundreds of calls. */
const READ_AT_ONCE = 50;

async function readInTurns(
  calls: readonly Keyed<typeof BalancesTrackInput.$inferInput>[],
  { execution }: Context,
): Promise<Result<TrackBalanceInput>[]> {
  const read: Result<TrackBalanceInput>[] = [];
  for (const [n, { input }] of calls.entries()) {
    if (n > 0 && n % READ_AT_ONCE === 0) {
      await setImmediate();
      execution.check();
    }
    read.push(readTrackInput(input));
  }
  return read;
}

/** GraphQL reports an Error in a list for its item alone, for which Pothos has no type. */
function itemError(error: Error): never {
  return error as never;
}

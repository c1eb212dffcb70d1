/** A call of a verb that can be sent by itself or, with up to 999 others, in a batch (ADR 14): both are answered here. */
import { setImmediate } from 'node:timers/promises';
import type { GraphQLResolveInfo } from 'graphql';
import type { Refusal } from '../domain/refusal.js';
import { callEach } from '../meter/items.js';
import type { Result } from '../meter/verb.js';
import type { Context } from './context.js';
import { returnedUnionValue } from './errors.js';
import { argumentRules } from './input/argument-rules.js';
import { BATCH_INPUTS_MAX } from './input/limits.js';
import * as rules from './input/rules.js';
import { holds } from './list-size.js';
import type { Keyed } from './request-key.js';

/** A verb as its mutations call it. */
export interface Call<Given, Input, Done extends { readonly replayed: boolean }> {
  /** The input as it is given, with a key from the request's if it gives none. */
  keyed(
    given: Given,
    context: Pick<Context, 'execution'>,
    info: Pick<GraphQLResolveInfo, 'path'>,
    index?: number,
  ): Keyed<Given>;
  /** The input of the verb, or the refusal if what is given breaks the rules. */
  read(given: Given): Result<Input>;
  verb(context: Context, input: Input): Promise<Result<Done>>;
}

/** The answer to a call that was sent by itself. */
export function answer<Given, Input, Done extends { readonly replayed: boolean }>(
  { keyed, read: readInput, verb }: Call<Given, Input, Done>,
  given: Given,
  context: Context,
  info: GraphQLResolveInfo,
): Done | Refusal | Promise<Done | Refusal> {
  const call = keyed(given, context, info);
  const read = readInput(call.input);
  return read.ok
    ? verb(context, read.value).then((result) => returnedUnionValue(call.note(result)))
    : returnedUnionValue<Done>(read);
}

/** The answers to the calls of a batch, in order. */
export async function answerEach<Given, Input, Done extends { readonly replayed: boolean }>(
  { keyed, read, verb }: Call<Given, Input, Done>,
  given: readonly Given[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<(Done | Refusal)[]> {
  const calls = given.map((item, index) => keyed(item, context, info, index));
  const inputs = await readInTurns(calls, read, context);
  const results = await callEach(inputs, (input) => verb(context, input));
  return results.map((result, index) => {
    calls[index]?.note(result);
    return itemValue(result);
  });
}

/** How many items are read before others have their turn: a thousand take as long as hundreds of calls. */
const READ_AT_ONCE = 50;

async function readInTurns<Given, Input>(
  calls: readonly Keyed<Given>[],
  readInput: (given: Given) => Result<Input>,
  { execution }: Context,
): Promise<Result<Input>[]> {
  const read: Result<Input>[] = [];
  for (const [n, { input }] of calls.entries()) {
    if (n > 0 && n % READ_AT_ONCE === 0) {
      await setImmediate();
      execution.check();
    }
    read.push(readInput(input));
  }
  return read;
}

/** The value of an item. GraphQL reports an Error in a list for its item alone, for which Pothos has no type. */
export function itemValue<T>(result: Result<T> | Error): T | Refusal {
  return result instanceof Error ? (result as never) : returnedUnionValue(result);
}

/** For the options of a field that takes a batch. */
export const BATCH = {
  extensions: holds(BATCH_INPUTS_MAX, { asManyAs: 'inputs', isBatch: true }),
  // For an item that could not be decided there is only the error; the others are not affected.
  nullable: { list: false, items: true },
} as const;

/** For the `extensions` of its argument. */
export const BATCH_INPUTS = argumentRules(rules.batchInputs().schema);

/** What a field does that takes a batch of the mutation. */
export function batchDescription(does: string, single: string): string {
  return (
    `${does}, each as \`${single}\` would by itself, and answers them in order. An item that could not be ` +
    'decided is null, with an error whose path names it.'
  );
}

/** Of its argument. */
export function batchInputsDescription(what: string): string {
  return (
    `${what}, 1 to ${BATCH_INPUTS_MAX} items. Those of one customer are decided in this order. A refused ` +
    'item does not undo the others.'
  );
}

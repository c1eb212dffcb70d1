/** Reads a usage event from JSON outside of a request, by the same type and the same rules as in one. */
import { coerceInputValue, type GraphQLError, GraphQLNonNull, isInputObjectType } from 'graphql';
import { assert } from '../domain/assert.js';
import { invalidInput } from '../domain/refusal.js';
import type { TrackBalanceInput } from '../meter/track-balance.js';
import { type Result, refuse } from '../meter/verb.js';
import { coercerOf } from './coercer.js';
import { schema } from './index.js';
import { type BalancesTrackInput, readTrackInput } from './input/track-input.js';

type Input = typeof BalancesTrackInput.$inferInput;

const type = schema.getType('BalancesTrackInput');
assert(isInputObjectType(type), 'the schema has the input of usage events');
const inputType = new GraphQLNonNull(type);
const coerce = coercerOf(inputType);

/** A value that `parseJson` has read. What does not fit the type is a refusal here, because there is no operation to fail. */
export function readTrackJson(value: unknown): Result<TrackBalanceInput> {
  try {
    return readTrackInput(coerced(value));
  } catch (error) {
    if (error instanceof MisfitError) return error.refusal;
    throw error;
  }
}

/** `coerceInputValue` returns what the type describes, or calls back. It takes long, so only what is invalid comes to it. */
function coerced(value: unknown): Input {
  try {
    return coerce(value) as Input;
  } catch {
    return coerceInputValue(value, inputType, stopAtFirst) as Input;
  }
}

class MisfitError extends Error {
  readonly refusal: Result<TrackBalanceInput>;

  constructor(path: string, { message }: GraphQLError) {
    super(message);
    const issue = { path, value: '', rule: 'type', message: message.slice(0, MESSAGE_CHARS_MAX) };
    this.refusal = refuse(invalidInput([issue]));
  }
}

/** A message repeats what was sent. */
const MESSAGE_CHARS_MAX = 500;

/** To list all of them takes long where an input has thousands. */
function stopAtFirst(path: readonly (string | number)[], _value: unknown, error: GraphQLError) {
  throw new MisfitError(path.join('.') || 'input', error);
}

/** Lists in variables that are too long to be read at all: reading each of a million inputs takes a second. */
import type { GraphQLError, OperationDefinitionNode } from 'graphql';
import { protocolError } from '../errors.js';
import type { Variables } from './variables.js';

/** Far more than any list of inputs may have; those in between are refused with their own messages. */
export const LIST_ITEMS_MAX = 20_000;

/** The error for a list in a variable, or in a member of one, that is too long; null if there is none. */
export function longListIn(
  { variableDefinitions }: OperationDefinitionNode,
  variables: Variables,
): GraphQLError | null {
  for (const { variable } of variableDefinitions ?? []) {
    const name = variable.name.value;
    const value = Object.hasOwn(variables, name) ? variables[name] : null;
    const length = longestOf(value);
    if (length > LIST_ITEMS_MAX) {
      return protocolError(
        'BAD_USER_INPUT',
        `The variable "$${name.slice(0, 200)}" contains a list of ${length} items; at most ` +
          `${LIST_ITEMS_MAX} can be read. Send fewer items at once.`,
      );
    }
  }
  return null;
}

/** Of the value itself, or of the members of an object. JSON that is larger than it may be is not counted any deeper. */
function longestOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let longest = 0;
  for (const member of Object.values(value)) {
    if (Array.isArray(member)) longest = Math.max(longest, member.length);
  }
  return longest;
}

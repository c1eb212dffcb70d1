import { GraphQLEnumType } from 'graphql';

/** Has one value, and nobody else has that. */
const NOTHING = new GraphQLEnumType({
  name: 'Nothing',
  values: { NONE: { value: Symbol('none') } },
});

const PREFIX = 'Enum "Nothing" cannot represent value: ';

/**
 * A value as graphql-js writes it in its errors. It keeps the function to itself, but says by it what an enum does not
 * have.
 */
export function inspect(value: unknown): string {
  try {
    NOTHING.serialize(value);
  } catch (error) {
    if (error instanceof Error) return error.message.slice(PREFIX.length);
  }
  return '';
}

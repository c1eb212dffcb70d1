import { GraphQLEnumType } from 'graphql';

/** An enum with a single value that nothing else has. */
const NOTHING = new GraphQLEnumType({
  name: 'Nothing',
  values: { NONE: { value: Symbol('none') } },
});

const PREFIX = 'Enum "Nothing" cannot represent value: ';

/**
 * A value as graphql-js writes it in its errors. It does not export the function, but uses it to say what an enum does not
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

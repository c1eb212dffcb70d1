import { GraphQLEnumType, GraphQLError } from 'graphql';

/** An enum with a single value that nothing else has. */
const NOTHING = new GraphQLEnumType({
  name: 'Nothing',
  values: { NONE: { value: Symbol('none') } },
});

const PREFIX = 'Enum "Nothing" cannot represent value: ';

/**
 * A value as graphql-js writes it in its errors. It does not export the function, but uses it to say what an enum does not
 * have. Reading the value may throw, which is then the error of the field, as in graphql-js.
 */
export function inspect(value: unknown): string {
  try {
    NOTHING.serialize(value);
  } catch (error) {
    if (!(error instanceof GraphQLError) || !error.message.startsWith(PREFIX)) throw error;
    return error.message.slice(PREFIX.length);
  }
  return '';
}

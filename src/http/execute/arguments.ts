import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;
type Arguments = Record<string, unknown>;

/** Returns the arguments of a field, or throws an error about them. */
export type ArgumentsReader = (variables: Variables) => Arguments;

interface Planned {
  readonly argument: GraphQLArgument;
  /** Null if the document gives no value. */
  readonly variable: string | null;
}

/**
 * Handles by itself only what needs no rules: no arguments, and arguments that are omitted or are
 * a variable. Literals, and everything that is refused, are read by graphql-js.
 */
export function argumentsReader(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): ArgumentsReader {
  const read = (variables: Variables) => getArgumentValues(field, node, variables);
  const planned: Planned[] = [];
  for (const argument of field.args) {
    const value = node.arguments?.findLast(({ name }) => name.value === argument.name)?.value;
    if (value !== undefined && value.kind !== Kind.VARIABLE) return read;
    planned.push({ argument, variable: value === undefined ? null : value.name.value });
  }
  return planned.length === 0 ? none : (variables) => given(planned, variables) ?? read(variables);
}

function none(): Arguments {
  return {};
}

function given(planned: readonly Planned[], variables: Variables): Arguments | null {
  const found: Arguments = {};
  for (const { argument, variable } of planned) {
    const isGiven = variable !== null && Object.hasOwn(variables, variable);
    const value = isGiven ? variables[variable] : argument.defaultValue;
    if (value === undefined && isGiven) return null;
    if ((value ?? null) === null && isNonNullType(argument.type)) return null;
    if (value !== undefined) found[argument.name] = value;
  }
  return found;
}

/** The arguments of one run's fields. */
export class RunArguments {
  readonly #variables: Variables;
  /** What is wrong with a field's arguments is the same for each of its objects. */
  readonly #invalid = new Map<object, unknown>();

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  of(field: { readonly readArguments: ArgumentsReader }): Arguments {
    if (this.#invalid.size > 0 && this.#invalid.has(field)) throw this.#invalid.get(field);
    try {
      return field.readArguments(this.#variables);
    } catch (error) {
      this.#invalid.set(field, error);
      throw error;
    }
  }
}

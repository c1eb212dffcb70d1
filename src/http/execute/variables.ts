import {
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getVariableValues,
  isInputType,
  isNonNullType,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import { type Coercer, coercerOf, UNFIT } from '../../schema/coercer.js';
import { abridged, define } from './abridged.js';

type Variables = Readonly<Record<string, unknown>>;

export type ReadVariables =
  | { readonly values: Variables; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[]; readonly values?: undefined };

/** Returns an operation's variables, or the errors in them. */
export type VariablesReader = (inputs: Variables) => ReadVariables;

interface Planned {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly coerce: Coercer;
  readonly defaultNode: ValueNode | undefined;
}

/** As in graphql-js: further errors are not reported. */
const ERRORS_MAX = 50;

/**
 * Reads valid variables by itself. If anything is invalid, graphql-js reads them again and
 * reports what is wrong. Null for definitions that no valid document has.
 */
export function variablesReader(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): VariablesReader | null {
  const planned: Planned[] = [];
  for (const { variable, type: typeNode, defaultValue } of definitions) {
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) return null;
    const name = variable.name.value;
    planned.push({ name, type, coerce: coercerOf(type), defaultNode: defaultValue });
  }
  return (inputs) => {
    try {
      return { values: fitting(planned, inputs) };
    } catch {
      const read = (given: Variables) =>
        getVariableValues(schema, definitions, given, { maxErrors: ERRORS_MAX });
      const { errors } = read(abridgedInputs(planned, inputs));
      if (errors !== undefined) return { errors };
      const found = read(inputs);
      return found.errors === undefined ? { values: found.coerced } : { errors: found.errors };
    }
  };
}

/** Each error repeats what is invalid, sometimes all of it: 50 errors in a body of 2 MB took a second. */
function abridgedInputs(planned: readonly Planned[], inputs: Variables): Variables {
  const given = {};
  for (const { name, type } of planned) {
    // One more than is reported is reported as too many.
    if (Object.hasOwn(inputs, name))
      define(given, name, abridged(inputs[name], type, ERRORS_MAX + 1));
  }
  return given;
}

function fitting(planned: readonly Planned[], inputs: Variables): Variables {
  const values: Record<string, unknown> = {};
  for (const { name, type, coerce, defaultNode } of planned) {
    let value: unknown;
    if (Object.hasOwn(inputs, name)) value = coerce(inputs[name]);
    else if (defaultNode) value = valueFromAST(defaultNode, type);
    else if (isNonNullType(type)) throw UNFIT;
    else continue;
    if (name === '__proto__') define(values, name, value);
    else values[name] = value;
  }
  return values;
}

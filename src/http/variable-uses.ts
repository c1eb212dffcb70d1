/**
 * How much an operation repeats of its variables. A document may use one a thousand times, and everything that checks and stores
 * values has a thousand to handle where the request had one.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { ExactNumber } from '../schema/input/exact-number.js';
import { ECHO_CHARS_MAX } from './echo.js';
import { protocolError } from './errors.js';
import { fragmentsOf } from './merged-fields.js';

type Variables = Readonly<Record<string, unknown>>;

export interface VariableUses {
  /** The error if all uses but the first of each have more characters than a request may have bytes; null otherwise. */
  refusal(variables: Variables, bodyBytesMax: number): GraphQLError | null;
}

interface Used {
  readonly name: string;
  readonly times: number;
  /** Of its default value. */
  readonly defaultChars: number;
}

/** Of an operation of a valid document. */
export function variableUsesOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): VariableUses {
  const times = timesUsed(document, operation);
  const used = (operation.variableDefinitions ?? []).map(({ variable, defaultValue }): Used => {
    const { start = 0, end = 0 } = defaultValue?.loc ?? {};
    const name = variable.name.value;
    return { name, times: times.get(name) ?? 0, defaultChars: end - start };
  });
  // What is used once is as large as it was sent.
  if (used.every(({ times }) => times <= 1)) return { refusal: () => null };
  return {
    refusal(variables, bodyBytesMax) {
      let chars = 0;
      let most = { name: '', chars: 0 };
      for (const { name, times, defaultChars } of used) {
        if (times <= 1) continue;
        const each = Object.hasOwn(variables, name)
          ? charsOf(variables[name], bodyBytesMax)
          : defaultChars;
        const repeated = (times - 1) * each;
        chars += repeated;
        if (repeated > most.chars) most = { name, chars: repeated };
      }
      return chars > bodyBytesMax ? tooMuch(chars, bodyBytesMax, most.name) : null;
    },
  };
}

function timesUsed(document: DocumentNode, operation: OperationDefinitionNode) {
  const times = new Map<string, number>();
  const fragments = fragmentsOf(document);
  const definitions = new Set<OperationDefinitionNode | FragmentDefinitionNode>([operation]);
  // A set also iterates over what is added meanwhile.
  for (const definition of definitions) {
    visit(definition, {
      Variable({ name: { value: name } }) {
        times.set(name, (times.get(name) ?? 0) + 1);
      },
      // Where it is declared, it is not used.
      VariableDefinition: () => false,
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment !== undefined) definitions.add(fragment);
      },
    });
  }
  return times;
}

/** Of the value as JSON, approximately, or more than `max`. A loop, because it may be nested a million levels deep. */
function charsOf(root: unknown, max: number): number {
  const values = [root];
  let chars = 0;
  while (values.length > 0 && chars <= max) {
    const value = values.pop();
    if (typeof value === 'string') chars += value.length + 2;
    else if (value instanceof ExactNumber) chars += value.text.length;
    else if (typeof value !== 'object' || value === null) chars += String(value).length;
    else if (Array.isArray(value)) {
      chars += value.length + 2;
      for (const item of value) values.push(item);
    } else {
      for (const [key, member] of Object.entries(value)) {
        chars += key.length + 4;
        values.push(member);
      }
    }
  }
  return chars;
}

function tooMuch(chars: number, max: number, name: string): GraphQLError {
  return protocolError(
    'QUERY_TOO_COMPLEX',
    `The operation repeats its variables, above all "$${name.slice(0, ECHO_CHARS_MAX)}", so often that the repetitions have ` +
      `${chars} characters; BODY_BYTES_MAX allows ${max}. Send fewer items at once.`,
  );
}

/** The variables in a document, read before the executor has checked them. */
import { type ArgumentNode, Kind, type OperationDefinitionNode, type ValueNode } from 'graphql';
import type { IsIncluded } from '../merged-fields.js';

export type Variables = Readonly<Record<string, unknown>>;

/** A value in a document: a literal, or a variable that each request gives. */
export type Given =
  | { readonly kind: 'LITERAL'; readonly node: ValueNode }
  | { readonly kind: 'VARIABLE'; readonly name: string; readonly fallback: ValueNode | null };

/** Null if the argument is omitted. */
export type GivenBy = (
  nodes: readonly ArgumentNode[] | undefined,
  argument: string,
) => Given | null;

export function givenBy({ variableDefinitions }: OperationDefinitionNode): GivenBy {
  const fallbacks = new Map(
    (variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue ?? null,
    ]),
  );
  return (nodes, argument) => {
    const node = nodes?.find(({ name }) => name.value === argument)?.value;
    if (node === undefined) return null;
    if (node.kind !== Kind.VARIABLE) return { kind: 'LITERAL', node };
    const name = node.name.value;
    return { kind: 'VARIABLE', name, fallback: fallbacks.get(name) ?? null };
  };
}

/** A given integer; null for anything else, which the executor refuses or ignores. */
export function wholeNumber(given: Given | null, variables: Variables): number | null {
  return read(given, variables, {
    literal: (node) => (node.kind === Kind.INT ? Number(node.value) : null),
    json: (value) => (typeof value === 'number' && Number.isInteger(value) ? value : null),
  });
}

/** The number of items given; a single value is a list of one. */
export function itemCount(given: Given | null, variables: Variables): number {
  return read(given, variables, {
    literal: (node) => {
      if (node.kind === Kind.LIST) return node.values.length;
      return node.kind === Kind.NULL ? 0 : 1;
    },
    json: (value) => {
      if (Array.isArray(value)) return value.length;
      return value === null || value === undefined ? 0 : 1;
    },
  });
}

/** For these variables. A condition that is not a boolean is refused later, and counts as included. */
export function inclusion(given: GivenBy, variables: Variables): IsIncluded {
  return (directives) =>
    directives === undefined ||
    directives.every(({ name, arguments: nodes }) => {
      const unwanted = UNWANTED.get(name.value);
      return unwanted === undefined || condition(given(nodes, 'if'), variables) !== unwanted;
    });
}

/** Whether these variables meet a condition; null if they do not say. */
export function isTrue(given: Given, variables: Variables): boolean | null {
  const value = condition(given, variables);
  return typeof value === 'boolean' ? value : null;
}

/** What `if` must not be for the field to be executed. */
const UNWANTED = new Map([
  ['include', false],
  ['skip', true],
]);

function condition(given: Given | null, variables: Variables): unknown {
  return read<unknown>(given, variables, {
    literal: (node) => node.kind === Kind.BOOLEAN && node.value,
    json: (value) => value,
  });
}

interface Readers<T> {
  readonly literal: (node: ValueNode) => T;
  readonly json: (value: unknown) => T;
}

function read<T>(given: Given | null, variables: Variables, { literal, json }: Readers<T>): T {
  if (given === null) return json(undefined);
  if (given.kind === 'LITERAL') return literal(given.node);
  if (Object.hasOwn(variables, given.name)) return json(variables[given.name]);
  return given.fallback === null ? json(undefined) : literal(given.fallback);
}

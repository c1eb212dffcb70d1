/** Values in documents: literals, variables, and variables within literals. */
import {
  GraphQLBoolean,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLString,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Random } from '../random/random.js';
import {
  isGiven,
  itemsOf,
  JSON_KEYS,
  pickOf,
  stringFor,
  timeFor,
  type Vocabulary,
} from './vocabulary.js';

/** A place in a document or in variables that takes a value. */
export interface Place {
  /** The name of the argument or field. */
  readonly name: string;
  readonly type: GraphQLInputType;
}

export interface LiteralOptions {
  readonly random: Random;
  readonly vocabulary: Vocabulary;
  /** Returns the variable for a place; null if variables are not allowed. */
  readonly variable: ((place: Place) => string) | null;
}

export const NESTING_MAX = 3;

/** The text of a literal that is valid in the place. */
export function literalFor(place: Place, options: LiteralOptions, depth = 0): string {
  const { name, type } = place;
  const { random, vocabulary, variable } = options;
  if (variable !== null && random.once(4)) return `$${variable(place)}`;
  if (!isNonNullType(type) && random.once(9)) return 'null';
  const bare = isNonNullType(type) ? type.ofType : type;
  if (isListType(bare)) {
    const item = { name, type: bare.ofType };
    if (random.once(6)) {
      // One item without brackets. A variable of the item's type is not valid for the list.
      const type = isNonNullType(bare.ofType) ? bare.ofType : new GraphQLNonNull(bare.ofType);
      return literalFor({ name, type }, { ...options, variable: null }, depth + 1);
    }
    const items = times(itemsOf(name, vocabulary, random), () =>
      literalFor(item, options, depth + 1),
    );
    return `[${items.join(', ')}]`;
  }
  if (isInputObjectType(bare)) {
    const fields = givenFields(bare, options, depth);
    if (random.once(3)) fields.reverse();
    const members = fields.map(
      (field) => `${field.name}: ${literalFor(field, options, depth + 1)}`,
    );
    return `{${members.join(', ')}}`;
  }
  if (isEnumType(bare)) return pickOf(random, bare.getValues()).name;
  return scalarLiteral({ name, type: bare }, options, depth);
}

/** The fields of an input object to write: those that are required, and some of the others. */
export function givenFields(
  type: GraphQLInputObjectType,
  { random, vocabulary }: Pick<LiteralOptions, 'random' | 'vocabulary'>,
  depth: number,
): GraphQLInputField[] {
  return Object.values(type.getFields()).filter(
    (field) =>
      isNonNullType(field.type) || (depth < NESTING_MAX && isGiven(field.name, vocabulary, random)),
  );
}

function scalarLiteral(place: Place, options: LiteralOptions, depth: number): string {
  const { random, vocabulary } = options;
  const text = () => JSON.stringify(stringFor(place.name, vocabulary, random));
  switch (String(place.type)) {
    case 'Boolean':
      return random.pick(['true', 'false']);
    case 'Int':
      return String(random.pick([0, 1, 3, 20, -1, 100, 101]));
    case 'Float':
      return random.pick(['1', '0', '-2', '2.5', '1e2', '0.1', '1e400']);
    case 'ID':
      return random.once(8) ? '7' : text();
    case 'DateTime':
      return JSON.stringify(timeFor(place.name, vocabulary, random));
    case 'JSON':
      return jsonLiteral(place, options, depth);
    default:
      return text();
  }
}

/** JSON may contain anything, including unknown enum values and variables of any type. */
function jsonLiteral(place: Place, options: LiteralOptions, depth: number): string {
  const { random, vocabulary, variable } = options;
  const inner = () => {
    if (variable === null || !random.once(3)) return jsonLiteral(place, options, depth + 1);
    const type = random.pick([place.type, GraphQLString, GraphQLInt, GraphQLBoolean]);
    return `$${variable({ name: place.name, type })}`;
  };
  if (depth < NESTING_MAX && !random.once(4)) {
    if (random.once(4)) return `[${times(random.whole(0, 3), inner).join(', ')}]`;
    const keys = JSON_KEYS.filter(() => random.once(2));
    return `{${keys.map((key) => `${key}: ${inner()}`).join(', ')}}`;
  }
  const text = JSON.stringify(stringFor(place.name, vocabulary, random));
  return random.pick(['null', 'true', '7', '-0.5', 'WORD', text]);
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/** Values of variables as JSON text, because a plain object could not contain `__proto__`. */
import { getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import type { Random } from '../random/random.js';
import type { FuzzOperation } from './documents.js';
import { givenFields, NESTING_MAX, type Place } from './literals.js';
import { itemsOf, JSON_KEYS, pickOf, stringFor, timeFor, type Vocabulary } from './vocabulary.js';

export interface VariablesOptions {
  readonly random: Random;
  readonly vocabulary: Vocabulary;
  /** One value in this many is absent, one is null, and one is of another type; 0 for none. */
  readonly oddOnceIn: number;
}

/** Values of an operation's variables: most are valid, some are absent, null or of another type. */
export function variablesOf(operation: FuzzOperation, options: VariablesOptions): string {
  const { random, oddOnceIn } = options;
  const isOdd = () => oddOnceIn > 0 && random.once(oddOnceIn);
  const members: string[] = [];
  for (const variable of operation.variables) {
    const mayBeAbsent = !isNonNullType(variable.type) || variable.defaultText !== null;
    if (isOdd() || (mayBeAbsent && random.once(3))) continue;
    const isNull = isOdd() && mayBeNull(variable, options);
    members.push(
      `${JSON.stringify(variable.key)}:${isNull ? 'null' : valueFor(variable, options)}`,
    );
  }
  if (isOdd()) members.push('"unknown":1');
  return `{${members.join(',')}}`;
}

const ODD_VALUES = ['"text"', '5', '2147483648', '1.5', '1e400', 'true', '[]', '{}', '[[null]]'];

function valueFor({ name, type }: Place, options: VariablesOptions, depth = 0): string {
  const { random, vocabulary, oddOnceIn } = options;
  if (oddOnceIn > 0 && random.once(oddOnceIn * 2)) return pickOf(random, ODD_VALUES);
  if (!isNonNullType(type) && random.once(9) && mayBeNull({ name, type }, options)) return 'null';
  const bare = isNonNullType(type) ? type.ofType : type;
  if (isListType(bare)) {
    const item = { name, type: bare.ofType };
    if (random.once(8)) return valueFor(item, options, depth + 1);
    const items = Array.from({ length: itemsOf(name, vocabulary, random) }, () =>
      valueFor(item, options, depth + 1),
    );
    return `[${items.join(',')}]`;
  }
  if (isInputObjectType(bare)) {
    const fields = givenFields(bare, options, depth);
    const members = fields.map((field) => `"${field.name}":${valueFor(field, options, depth + 1)}`);
    if (oddOnceIn > 0 && random.once(oddOnceIn * 3)) {
      members.push(`"${random.pick(['unknown', '__proto__', 'toString'])}":{"a":1}`);
    }
    return `{${members.join(',')}}`;
  }
  if (isEnumType(bare)) return `"${pickOf(random, bare.getValues()).name}"`;
  const text = () => JSON.stringify(stringFor(name, vocabulary, random));
  switch (bare.name) {
    case 'Boolean':
      return random.pick(['true', 'false']);
    case 'Int':
      return random.pick(['0', '1', '20', '-1', '3.0', '101']);
    case 'Float':
      return random.pick(['1', '0', '-2.5', '0.1', '-0', '1e400', '0.30000000000000004']);
    case 'ID':
      return random.once(8) ? '7' : text();
    case 'DateTime':
      return JSON.stringify(timeFor(name, vocabulary, random));
    case 'JSON':
      return jsonFor(name, options, depth);
    default:
      return text();
  }
}

function mayBeNull({ type }: Place, { vocabulary }: VariablesOptions): boolean {
  return vocabulary.nullBooleans || getNamedType(type).name !== 'Boolean';
}

function jsonFor(name: string, options: VariablesOptions, depth: number): string {
  const { random, vocabulary } = options;
  if (depth < NESTING_MAX && !random.once(3)) {
    const inner = () => jsonFor(name, options, depth + 1);
    if (random.once(4)) return `[${Array.from({ length: random.whole(0, 3) }, inner).join(',')}]`;
    const keys = JSON_KEYS.filter(() => random.once(2));
    return `{${keys.map((key) => `"${key}":${inner()}`).join(',')}}`;
  }
  return random.pick([
    'null',
    'true',
    '7',
    '1524831183200260097',
    JSON.stringify(stringFor(name, vocabulary, random)),
  ]);
}

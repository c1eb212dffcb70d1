/** Random documents that are valid by construction: every name, key and type in them matches. */
import {
  GraphQLBoolean,
  type GraphQLField,
  type GraphQLInterfaceType,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLString,
  type GraphQLUnionType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isNonNullType,
  isUnionType,
} from 'graphql';
import type { Random } from '../random/random.js';
import { literalFor, type Place } from './literals.js';
import { ALIASES, pickOf, type Vocabulary } from './vocabulary.js';

export interface FuzzDocument {
  readonly text: string;
  readonly operations: readonly FuzzOperation[];
}

export interface FuzzOperation {
  /** Null if it is the only one and has no name. */
  readonly name: string | null;
  readonly isMutation: boolean;
  readonly variables: readonly FuzzVariable[];
}

export interface FuzzVariable extends Place {
  /** Its name in the document; `name` is the place that it was first created for. */
  readonly key: string;
  readonly defaultText: string | null;
}

export interface DocumentOptions {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly vocabulary: Vocabulary;
}

export function documentOf(options: DocumentOptions): FuzzDocument {
  return new DocumentWriter(options).write();
}

type Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType;

interface Fragment {
  readonly name: string;
  readonly on: string;
  readonly text: string;
}

const DEPTH_MAX = 5;
const SELECTIONS_MAX = 45;

class DocumentWriter {
  readonly #options: DocumentOptions;
  readonly #random: Random;
  /** What each response key means throughout the document, so that any two selections can be merged. */
  readonly #keys = new Map<string, string>();
  readonly #arguments = new Map<string, string>();
  readonly #variables: FuzzVariable[] = [];
  readonly #fragments: Fragment[] = [];
  #fragmentsBegun = 0;
  #left = SELECTIONS_MAX;

  constructor(options: DocumentOptions) {
    this.#options = options;
    this.#random = options.random;
  }

  write(): FuzzDocument {
    const count = this.#random.once(5) ? this.#random.whole(2, 3) : 1;
    const bodies = Array.from({ length: count }, (_, index) => ({
      name: count > 1 || this.#random.once(2) ? `Operation${index}` : null,
      isMutation: this.#random.once(3),
    })).map((operation) => ({ ...operation, selections: this.#root(operation.isMutation) }));
    const fragments = this.#fragments.map(
      ({ name, on, text }) => `fragment ${name} on ${on} ${text}`,
    );
    const operations = bodies.map(({ name, isMutation, selections }) => {
      const variables = this.#usedIn(selections);
      const declared = variables.map(
        ({ key, type, defaultText }) =>
          `$${key}: ${type}${defaultText === null ? '' : ` = ${defaultText}`}`,
      );
      const head = `${isMutation ? 'mutation' : 'query'} ${name ?? ''}`;
      const text = `${head}${declared.length > 0 ? `(${declared.join(', ')})` : ''} ${selections}`;
      return { text, operation: { name, isMutation, variables } };
    });
    const parts = [...operations.map(({ text }) => text), ...fragments];
    return {
      text: (this.#random.once(2) ? parts : parts.reverse()).join('\n'),
      operations: operations.map(({ operation }) => operation),
    };
  }

  #root(isMutation: boolean): string {
    const { schema } = this.#options;
    const type = isMutation ? schema.getMutationType() : schema.getQueryType();
    if (!type) throw new Error('the schema has both');
    return this.#selectionSet(type, 0);
  }

  #selectionSet(type: Composite, depth: number): string {
    const count = this.#random.whole(1, 4);
    const selections = Array.from({ length: count }, () => this.#selection(type, depth));
    return `{ ${selections.join(' ')} }`;
  }

  #selection(type: Composite, depth: number): string {
    this.#left -= 1;
    const mayNest = depth < DEPTH_MAX && this.#left > 0;
    if (mayNest && this.#random.once(5)) return this.#spread(type, depth);
    if (mayNest && this.#random.once(isUnionType(type) ? 2 : 6)) {
      const on = this.#random.once(4) ? type : this.#overlapping(type);
      const condition = on === type && this.#random.once(2) ? '' : ` on ${on}`;
      return `...${condition}${this.#directives()} ${this.#selectionSet(on, depth + 1)}`;
    }
    if (isUnionType(type) || this.#random.once(10)) return this.#typename();
    return this.#field(type, depth, mayNest);
  }

  #typename(): string {
    const key = this.#keyFor('__typename', '__typename');
    return `${key}__typename${this.#directives()}`;
  }

  #field(type: Composite, depth: number, mayNest: boolean): string {
    const all = isUnionType(type) ? [] : Object.values(type.getFields());
    const fields = mayNest ? all : all.filter((field) => isLeafType(getNamedType(field.type)));
    if (fields.length === 0) return this.#typename();
    const isRoot = String(type) === 'Query';
    if (isRoot && this.#random.once(25)) return this.#introspection();
    const field = pickOf(this.#random, fields);
    const variant = field.args.length === 0 ? '' : `${type}#${this.#random.whole(0, 1)}`;
    const signature = `${field.name} ${variant} ${field.type}`;
    const args = this.#argumentsFor(field, signature);
    const key = this.#keyFor(field.name, signature);
    const inner = getNamedType(field.type);
    const selections = isCompositeType(inner) ? ` ${this.#selectionSet(inner, depth + 1)}` : '';
    return `${key}${field.name}${args}${this.#directives()}${selections}`;
  }

  #introspection(): string {
    const selections = '{ kind name fields(includeDeprecated: true) { name type { name } } }';
    if (this.#random.once(3)) return `__schema { queryType ${selections} }`;
    const name = this.#value({ name: 'name', type: new GraphQLNonNull(GraphQLString) });
    const signature = `__type ${name}`;
    return `${this.#keyFor('__type', signature)}__type(name: ${name})${this.#directives()} ${selections}`;
  }

  #argumentsFor(field: GraphQLField<unknown, unknown>, signature: string): string {
    const known = this.#arguments.get(signature);
    if (known !== undefined) return known;
    const given = field.args.filter(({ type }) => isNonNullType(type) || this.#random.once(3));
    const texts = given.map((place) => `${place.name}: ${this.#value(place)}`);
    const text = texts.length === 0 ? '' : `(${texts.join(', ')})`;
    this.#arguments.set(signature, text);
    return text;
  }

  #value(place: Place): string {
    const { random, vocabulary } = this.#options;
    return literalFor(place, { random, vocabulary, variable: (at) => this.#variable(at) });
  }

  /** The alias before a field; empty for its own name. */
  #keyFor(name: string, signature: string): string {
    const wanted = this.#random.once(3) ? this.#random.pick(ALIASES) : name;
    const free = [wanted, name].find((key) => (this.#keys.get(key) ?? signature) === signature);
    const key = free ?? `key${this.#keys.size}`;
    this.#keys.set(key, signature);
    return key === name ? '' : `${key}: `;
  }

  #spread(type: Composite, depth: number): string {
    const fitting = this.#fragments.filter(({ on }) => this.#overlaps(type, on));
    const known = fitting.length > 0 && !this.#random.once(4);
    const { name } = known ? pickOf(this.#random, fitting) : this.#fragment(type, depth);
    return `...${name}${this.#directives()}`;
  }

  /** A new fragment. Others may only spread it once it is complete, so that there are no cycles. */
  #fragment(type: Composite, depth: number): Fragment {
    const name = `Fragment${this.#fragmentsBegun}`;
    this.#fragmentsBegun += 1;
    const on = this.#random.once(2) ? type : this.#overlapping(type);
    const text = this.#selectionSet(on, depth + 1);
    const fragment = { name, on: String(on), text };
    this.#fragments.push(fragment);
    return fragment;
  }

  #directives(): string {
    if (!this.#random.once(5)) return '';
    const condition = () => {
      if (this.#random.once(4)) return this.#random.pick(['true', 'false']);
      return `$${this.#variable({ name: 'if', type: new GraphQLNonNull(GraphQLBoolean) })}`;
    };
    const texts = [`@skip(if: ${condition()})`, `@include(if: ${condition()})`];
    if (this.#random.once(6))
      return ` ${(this.#random.once(2) ? texts : texts.reverse()).join(' ')}`;
    return ` ${pickOf(this.#random, texts)}`;
  }

  /** A variable that is valid in the place: an existing one, or a new one. */
  #variable({ name, type }: Place): string {
    const fits = this.#variables.filter(({ type: declared, defaultText }) => {
      if (String(declared) === String(type) || String(declared) === `${type}!`) return true;
      return `${declared}!` === String(type) && defaultText !== null && defaultText !== 'null';
    });
    if (fits.length > 0 && !this.#random.once(3)) return pickOf(this.#random, fits).key;
    const variable = this.#newVariable({ name, type });
    this.#variables.push(variable);
    return variable.key;
  }

  #newVariable({ name, type }: Place): FuzzVariable {
    const key = this.#random.once(40) ? '__proto__' : `v${this.#variables.length}`;
    const { random, vocabulary } = this.#options;
    const constant = { random, vocabulary, variable: null };
    const unique = this.#variables.some((other) => other.key === key)
      ? `w${this.#variables.length}`
      : key;
    if (isNonNullType(type)) {
      // A nullable variable is valid here if its default is not null. Null can still be sent for it.
      const isNullable = random.once(3);
      const made = isNullable ? type.ofType : type;
      const defaultText =
        isNullable || random.once(4) ? literalFor({ name, type }, constant) : null;
      return { key: unique, name, type: made, defaultText };
    }
    const made = random.once(4) ? new GraphQLNonNull(type) : type;
    const defaultText = random.once(3) ? literalFor({ name, type: made }, constant) : null;
    return { key: unique, name, type: made, defaultText };
  }

  /** The variables of a text and of all fragments that it spreads. */
  #usedIn(selections: string): FuzzVariable[] {
    const seen = new Set<string>();
    const texts = [selections];
    const used = new Set<string>();
    for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
      for (const [, key = ''] of text.matchAll(/\$(\w+)/g)) used.add(key);
      for (const [, name = ''] of text.matchAll(/\.\.\.(Fragment\d+)/g)) {
        if (seen.has(name)) continue;
        seen.add(name);
        texts.push(this.#fragments.find((fragment) => fragment.name === name)?.text ?? '');
      }
    }
    return this.#variables.filter(({ key }) => used.has(key));
  }

  /** Another type that may be selected here; mostly one that the value can have. */
  #overlapping(type: Composite): Composite {
    const { schema } = this.#options;
    if (isAbstractType(type) && !this.#random.once(3)) {
      return pickOf(this.#random, schema.getPossibleTypes(type));
    }
    return pickOf(this.#random, overlapsOf(schema, type));
  }

  #overlaps(type: Composite, name: string): boolean {
    return overlapsOf(this.#options.schema, type).some((other) => other.name === name);
  }
}

const overlaps = new WeakMap<Composite, readonly Composite[]>();

/** The types that share possible values with this one, including itself. */
function overlapsOf(schema: GraphQLSchema, type: Composite): readonly Composite[] {
  const known = overlaps.get(type);
  if (known !== undefined) return known;
  const possible = (one: Composite) => (isAbstractType(one) ? schema.getPossibleTypes(one) : [one]);
  const own = possible(type);
  const found = Object.values(schema.getTypeMap())
    .filter(isCompositeType)
    .filter((other) => possible(other).some((one) => own.includes(one)));
  overlaps.set(type, found);
  return found;
}

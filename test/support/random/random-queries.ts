/** Random valid queries over the whole schema, and their variables. */
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';
import type { Random } from './random.js';

export interface RandomQuery {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface RandomQueryOptions {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  /** Queries by default. */
  readonly operation?: 'query' | 'mutation';
  /** A literal for a required argument. */
  readonly argument: (name: string, field: string) => string;
  readonly depthMax?: number;
  readonly pageMax?: number;
  /** Fields that are never selected. */
  readonly without?: readonly string[];
}

export function randomQuery(options: RandomQueryOptions): RandomQuery {
  return new Writer(options).query();
}

class Writer {
  readonly #options: RandomQueryOptions;
  readonly #fragments: { readonly name: string; readonly on: string; readonly text: string }[] = [];
  readonly #declared: string[] = [];
  readonly #variables: Record<string, unknown> = {};

  constructor(options: RandomQueryOptions) {
    this.#options = options;
  }

  query(): RandomQuery {
    const { schema, depthMax = 6, operation = 'query' } = this.#options;
    const root = operation === 'query' ? schema.getQueryType() : schema.getMutationType();
    if (!root) throw new Error(`the schema has no ${operation}`);
    const selection = this.#selection(root, depthMax);
    const declared = this.#declared.length === 0 ? '' : `(${this.#declared.join(' ')}) `;
    const head = `${operation} ${declared}`;
    const fragments = this.#fragments.map(
      ({ name, on, text }) => `fragment ${name} on ${on} ${text}`,
    );
    return { query: [head + selection, ...fragments].join('\n'), variables: this.#variables };
  }

  /** A selection on a type, at most this many levels deep. It always has a field, so that it is never empty. */
  #selection(type: GraphQLNamedType, levels: number): string {
    const { random } = this.#options;
    const parts = ['__typename'];
    for (let count = random.whole(1, 4); count > 0; count -= 1)
      parts.push(this.#part(type, levels));
    return `{ ${parts.filter((part) => part !== '').join(' ')} }`;
  }

  #part(type: GraphQLNamedType, levels: number): string {
    const { random } = this.#options;
    if (random.once(6)) return this.#fragment(type, levels);
    if (isUnionType(type) || isInterfaceType(type)) {
      const possible = this.#options.schema.getPossibleTypes(type);
      const [first, ...others] = possible;
      if (first === undefined) return '';
      const picked = random.pick([first, ...others]);
      return `... on ${picked.name}${this.#condition()} ${this.#selection(picked, levels)}`;
    }
    return isObjectType(type) ? this.#field(type, levels) : '';
  }

  /** An existing fragment, or a new one. */
  #fragment(type: GraphQLNamedType, levels: number): string {
    const { random } = this.#options;
    const [known, ...more] = this.#fragments.filter(
      ({ on, name }) => on === type.name && Number(name.split('_')[1]) <= levels,
    );
    if (known !== undefined && random.once(2)) {
      return `...${random.pick([known, ...more]).name}${this.#condition()}`;
    }
    const text = this.#selection(type, levels);
    const name = `F${this.#fragments.length}_${levels}`;
    this.#fragments.push({ name, on: type.name, text });
    return `...${name}${this.#condition()}`;
  }

  #field(type: GraphQLObjectType, levels: number): string {
    const { random, without = [] } = this.#options;
    const fields = Object.values(type.getFields()).filter(
      (field) =>
        !without.includes(field.name) && (levels > 1 || !isCompositeType(getNamedType(field.type))),
    );
    const [first, ...others] = fields;
    if (first === undefined) return '';
    const field = random.pick([first, ...others]);
    const named = getNamedType(field.type);
    const args = this.#arguments(field);
    // A key for each combination of field and arguments, so that fields with the same key can always be merged.
    const alias = args === '' && !random.once(5) ? '' : `${keyOf(type, field, args)}: `;
    const selection = isCompositeType(named) ? ` ${this.#selection(named, levels - 1)}` : '';
    return `${alias}${field.name}${args}${this.#condition()}${selection}`;
  }

  #arguments(field: GraphQLField<unknown, unknown>): string {
    const { random, argument, pageMax = 3 } = this.#options;
    const given = field.args
      .filter(isRequiredArgument)
      .map(({ name }) => `${name}: ${argument(name, field.name)}`);
    const isPage = field.args.some(({ name }) => name === 'first');
    if (isPage && !random.once(8)) {
      const size = random.whole(0, pageMax);
      const value = random.once(3) ? this.#variable('Int', size) : String(size);
      given.push(`${random.pick(['first', 'last'])}: ${value}`);
    }
    return given.length === 0 ? '' : `(${given.join(' ')})`;
  }

  #condition(): string {
    const { random } = this.#options;
    if (!random.once(8)) return '';
    const value = random.once(2);
    const text = random.once(2) ? this.#variable('Boolean!', value) : String(value);
    return ` @${random.pick(['skip', 'include'])}(if: ${text})`;
  }

  #variable(type: string, value: unknown): string {
    const name = `v${this.#declared.length}`;
    // Some have their value as a default, others in the variables.
    if (this.#options.random.once(3)) this.#declared.push(`$${name}: ${type} = ${value}`);
    else {
      this.#declared.push(`$${name}: ${type}`);
      this.#variables[name] = value;
    }
    return `$${name}`;
  }
}

function keyOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  args: string,
): string {
  const nullable = String(getNullableType(field.type)) === String(field.type) ? 'n' : 'r';
  return `k_${type.name}_${field.name}_${args.replace(/\W+/g, '_')}_${nullable}`;
}

import {
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  responsePathAsArray,
} from 'graphql';
import type { Random } from '../random/random.js';
import { pickOf, randomFor } from './vocabulary.js';

export interface MockContext {
  readonly seed: number;
  /** Every resolver call, in order, with its arguments. */
  readonly calls: string[];
}

/** A value of an object type, which knows where it was created. */
export interface MockSource {
  readonly at: string;
  /** The result of `resolveType`. */
  typeName(): string | Promise<string>;
  /** The result of `isTypeOf`. */
  isOfType(): boolean | Promise<boolean>;
}

/** Where a value is created, and its source of randomness. */
interface Spot {
  readonly random: Random;
  readonly path: string;
  /** Whether everything resolves synchronously. */
  readonly isSync: boolean;
  /**
   * Whether failures happen later: if an item fails synchronously, graphql-js leaves the promises of other items
   * unhandled, and Node ends the process.
   */
  readonly failsLater: boolean;
  readonly context: MockContext;
}

type MakeSource = (spot: Spot, type: string) => object;

/** One value in this many is a failure of each kind. */
const FAILURE_ONCE_IN = 100;

export class MockWorld {
  readonly #schema: GraphQLSchema;
  readonly #isDefaulted: (type: string, field: string) => boolean;
  readonly #makers = new Map<string, MakeSource>();

  constructor(schema: GraphQLSchema, isDefaulted: (type: string, field: string) => boolean) {
    this.#schema = schema;
    this.#isDefaulted = isDefaulted;
  }

  /** What a resolver returns: a value, an error, or the promise of one. */
  valueOf(context: MockContext, { path, returnType }: GraphQLResolveInfo): unknown {
    const keys = responsePathAsArray(path);
    return this.#resolved(context, keys.join('.'), returnType, keys.some(isIndex));
  }

  #resolved(context: MockContext, path: string, type: GraphQLOutputType, inList: boolean): unknown {
    const isSync = randomFor(`${context.seed}`).once(3);
    const random = randomFor(`${context.seed} ${path}`);
    const spot = { context, random, path, isSync, failsLater: inList && !isSync };
    return deliver(spot, this.#outcome(spot, type));
  }

  #outcome(spot: Spot, type: GraphQLOutputType): Outcome {
    const { random, path } = spot;
    if (random.once(FAILURE_ONCE_IN)) return { thrown: new Error(`failed at ${path}`) };
    if (random.once(FAILURE_ONCE_IN)) return { thrown: refusal(path) };
    if (random.once(FAILURE_ONCE_IN * 2)) return { thrown: `text at ${path}` };
    if (random.once(FAILURE_ONCE_IN)) return { bad: new Error(`returned at ${path}`) };
    return this.#made(spot, type);
  }

  #made(spot: Spot, type: GraphQLOutputType): Outcome {
    const { random } = spot;
    if (isNonNullType(type)) {
      return random.once(FAILURE_ONCE_IN) ? { bad: null } : this.#present(spot, type.ofType);
    }
    if (random.once(FAILURE_ONCE_IN)) return { value: random.once(2) ? undefined : null };
    return this.#present(spot, type);
  }

  #present(spot: Spot, type: GraphQLOutputType): Outcome {
    const { random } = spot;
    if (isListType(type)) return this.#list(spot, type.ofType);
    if (isObjectType(type)) return { value: this.#source(spot, type.name) };
    if (isAbstractType(type)) {
      return {
        value: this.#source(spot, pickOf(random, this.#schema.getPossibleTypes(type)).name),
      };
    }
    if (random.once(FAILURE_ONCE_IN)) return { bad: { not: 'a leaf' } };
    if (isEnumType(type)) return { value: pickOf(random, type.getValues()).value };
    return { value: scalar(random, String(type)) };
  }

  #list(spot: Spot, itemType: GraphQLOutputType): Outcome {
    const { random, path, context, isSync } = spot;
    if (random.once(FAILURE_ONCE_IN))
      return { bad: pickOf<unknown>(random, ['text', 7, { length: 1 }]) };
    // All of them later, or none: see `failsLater`.
    const allLater = !isSync && isNonNullType(itemType) && isCompositeType(itemType.ofType);
    const items = Array.from({ length: random.whole(0, 3) }, (_, index) => {
      const inner = { context, random, path: `${path}.${index}`, isSync, failsLater: !isSync };
      const outcome = random.once(20)
        ? this.#outcome(inner, itemType)
        : this.#made(inner, itemType);
      return deliver(inner, outcome, allLater || random.once(8));
    });
    return { value: random.once(8) ? new Set(items) : items };
  }

  #source(spot: Spot, type: string): object {
    const known = this.#makers.get(type);
    if (known !== undefined) return known(spot, type);
    const made = this.#makerOf(type);
    this.#makers.set(type, made);
    return made(spot, type);
  }

  /** Fields without a resolver are read from the object: values, promises and methods. */
  #makerOf(typeName: string): MakeSource {
    const type = this.#schema.getType(typeName);
    const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
    const defaulted = fields.filter(({ name }) => this.#isDefaulted(typeName, name));
    const resolved = (spot: Spot, name: string, fieldType: GraphQLOutputType) => {
      const value = this.#resolved(
        spot.context,
        `${spot.path}/${name}`,
        fieldType,
        spot.failsLater,
      );
      // An error about the object prints it, and so reads all of its fields, for which nothing waits.
      if (value instanceof Promise) value.catch(() => undefined);
      return value;
    };
    const prototype = { typeName: typeNameOf, isOfType: isOfTypeOf };
    return (spot, name) => {
      const source = Object.assign(Object.create(prototype), { at: spot.path, spot, name });
      for (const field of defaulted) {
        const get = () =>
          randomFor(`${field.name} ${spot.path}`).once(4)
            ? (args: unknown) =>
                args instanceof Object ? resolved(spot, field.name, field.type) : null
            : resolved(spot, field.name, field.type);
        Object.defineProperty(source, field.name, { get });
      }
      return source;
    };
  }
}

interface Made {
  readonly spot: Spot;
  readonly name: string;
}

function typeNameOf(this: Made): unknown {
  const { spot, name } = this;
  const random = randomFor(`type ${spot.context.seed} ${spot.path}`);
  if (random.once(FAILURE_ONCE_IN)) {
    const bad = random.pick([null, 'Nothing', 'ErrorCode', 'PageInfo', 7]);
    return deliver({ ...spot, random }, { bad });
  }
  return deliver({ ...spot, random }, { value: name });
}

function isOfTypeOf(this: Made): unknown {
  const { spot } = this;
  const random = randomFor(`is ${spot.context.seed} ${spot.path}`);
  // Only some types use it.
  const outcome = random.once(FAILURE_ONCE_IN / 4) ? { bad: false } : { value: true };
  return deliver({ ...spot, random }, outcome);
}

/** A value, a value of the wrong type, or something that is thrown. */
type Outcome =
  | { readonly value: unknown }
  | { readonly bad: unknown }
  | { readonly thrown: unknown };

function deliver(spot: Spot, outcome: Outcome, later = spot.random.once(5)): unknown {
  const { random, isSync, failsLater } = spot;
  const isFailure = !('value' in outcome);
  if (!isSync && (later || (isFailure && failsLater))) return promised(random, outcome);
  if ('thrown' in outcome) throw outcome.thrown;
  return 'value' in outcome ? outcome.value : outcome.bad;
}

async function promised(random: Random, outcome: Outcome): Promise<unknown> {
  // Some take longer than others, so that they overtake each other.
  for (let turns = random.whole(0, 4); turns > 0; turns -= 1) await undefined;
  if ('thrown' in outcome) throw outcome.thrown;
  return 'value' in outcome ? outcome.value : outcome.bad;
}

function refusal(path: string): GraphQLError {
  return new GraphQLError(`refused at ${path}`, { extensions: { code: 'REFUSED' } });
}

function scalar(random: Random, type: string): unknown {
  switch (type) {
    case 'Boolean':
      return random.once(2);
    case 'Int':
      return random.whole(-5, 5);
    case 'Float':
      return random.once(2)
        ? BigInt(random.whole(-5, 5)) * 10_000_000_000n
        : random.whole(0, 9) / 2;
    case 'DateTime':
      return random.whole(0, 2_000_000_000_000);
    case 'JSON':
      return {
        a: [random.whole(0, 9)],
        ...(random.once(3) && JSON.parse('{"__proto__":{"b":1}}')),
      };
    default:
      return `${type} ${random.whole(0, 99)}`;
  }
}

function isIndex(key: string | number): boolean {
  return typeof key === 'number';
}

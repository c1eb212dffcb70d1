/** Whether a running operation may continue. */
import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';
import { isRefusal } from '../domain/refusal.js';
import { sharedList } from '../meter/read/share.js';
import type { CarryingBatch } from '../meter/write/carrying-batch.js';
import type { Context } from './context.js';
import type { RequestKey } from './request-key.js';
import { fieldsPerItem } from './selected.js';

export interface ExecutionOptions {
  /** The maximum size of the answer. */
  readonly resultBytesMax: number;
  /** The error if it becomes larger. */
  readonly tooLarge: () => Error;
  /** Takes memory for a further part of the answer; returns the error if there is none. */
  readonly take: (bytes: number, options: { readonly always: boolean }) => Error | null;
}

/** Answers take memory in portions of this size; almost all fit into the first one, which is not counted. */
const PORTION_BYTES = 16 * 1024;

/** How many batches are kept of an operation: a thousand items may be in as many. */
export const BATCHES_MAX = 10;

const NO_BATCHES: readonly CarryingBatch[] = [];

export interface ReadCounter {
  add(cost: number): void;
}

/** A running operation. Once it is stopped, none of its resolvers begins anything. */
export class Execution {
  /** The idempotency key of the whole request; null if it was sent without one. */
  requestKey: RequestKey | null = null;
  readonly #options: ExecutionOptions;
  #reason: Error | null = null;
  #bytes = 0;
  #taken = 0;
  #isOver = false;
  readonly #finished: string[] = [];
  #batches: CarryingBatch[] | null = null;
  /** Who wants to know what is read for it. */
  reads: ReadCounter | null = null;
  /** Until the answer is that large, nothing has to be checked. */
  #uncheckedBytes: number;

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.#uncheckedBytes = Math.min(PORTION_BYTES, options.resultBytesMax);
  }

  /** Takes what the answer turned out to need beyond what it has taken: what had to be escaped is not counted before. */
  settle(bytes: number): void {
    const more = bytes - Math.max(this.#taken, PORTION_BYTES);
    if (more <= 0 || this.#isOver) return;
    this.#options.take(more, { always: true });
    this.#taken += more;
  }

  /** The memory that it has taken, which is to be freed. It takes no more. */
  release(): number {
    const taken = this.#taken;
    this.#taken = 0;
    this.#isOver = true;
    return taken;
  }

  /** Records that the mutation with this response key has been carried out, whatever becomes of its answer. */
  finish(key: string): void {
    this.#finished.push(key);
  }

  /** The response keys of the mutations that have been carried out. */
  get finished(): readonly string[] {
    return this.#finished;
  }

  /** A batch of the write queue carries something of it: called for each such thing. */
  carriedBy(batch: CarryingBatch): void {
    if (this.#batches === null) this.#batches = [batch];
    else if (this.#batches.length < BATCHES_MAX && !this.#batches.includes(batch)) {
      this.#batches.push(batch);
    }
  }

  /** The first of the batches that have carried it, in order; one that is decided or sent again stays in its own. */
  get batches(): readonly CarryingBatch[] {
    return this.#batches ?? NO_BATCHES;
  }

  /** The approximate size of the answer so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Why it was stopped; null if it is still running. */
  get stopped(): Error | null {
    return this.#reason;
  }

  /** Counts rows and statements that were read for it. */
  addRead(cost: number): void {
    this.reads?.add(cost);
  }

  /** Ends it, for the reason that each field gives that has not begun. The first one counts. */
  stop(reason: Error): void {
    this.#reason ??= reason;
  }

  /** Throws if it has been stopped. */
  check(): void {
    if (this.#reason !== null) throw this.#reason;
  }

  /** Counts a part of the answer, and stops the operation if the answer becomes too large or there is no memory for it. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#uncheckedBytes) this.#grow();
  }

  #grow(): void {
    this.check();
    const refusal = this.#refusal();
    if (refusal !== null) this.stop(refusal);
    this.check();
  }

  #refusal(): Error | null {
    const { resultBytesMax, tooLarge, take } = this.#options;
    if (this.#bytes > resultBytesMax) return tooLarge();
    const more = this.#bytes - this.#uncheckedBytes + PORTION_BYTES;
    const refusal = take(more, { always: false });
    if (refusal !== null) return refusal;
    this.#taken += more;
    this.#uncheckedBytes = Math.min(this.#uncheckedBytes + more, resultBytesMax);
    return null;
  }
}

/** The schema with resolvers that begin nothing once their operation is stopped, and that give long lists in slices of time. */
export function withExecution(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve: Resolver = field.resolve ?? defaultFieldResolver;
      // A list of leaves is read as one value.
      const isLong =
        isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type));
      const own = type === schema.getMutationType() ? mutationResolver(resolve) : resolve;
      field.resolve = isLong ? listResolver(own) : unlessStopped(own);
    }
  }
  return schema;
}

type Resolver = GraphQLFieldResolver<unknown, Context>;

/** A resolver that begins nothing once its operation is stopped. */
export function unlessStopped(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    context.execution.check();
    return resolve(source, args, context, info);
  };
}

/** As executors run mutations one after the other, those that have finished are known if a later one fails. */
function mutationResolver(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    const result = resolve(source, args, context, info);
    const finish = (value: unknown) => {
      if (hasDone(value)) context.execution.finish(String(info.path.key));
    };
    if (result instanceof Promise) result.then(finish, ignore);
    else finish(result);
    return result;
  };
}

/** Neither a refusal nor an item that failed has done anything. */
function hasDone(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasDone);
  return !(value instanceof Error || isRefusal(value));
}

function ignore(): void {
  return;
}

function listResolver(resolve: Resolver): Resolver {
  const inner = unlessStopped(resolve);
  return (source, args, context, info) => {
    const items = inner(source, args, context, info);
    if (items instanceof Promise) return items.then((known) => shared(known, context, info));
    return shared(items, context, info);
  };
}

function shared(items: unknown, context: Context, info: GraphQLResolveInfo): unknown {
  return Array.isArray(items) ? sharedList(context, items, fieldsPerItem(info)) : items;
}

import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from '../schema/context.js';
import { schema } from '../schema/index.js';

type Variables = Readonly<Record<string, unknown>>;

/** Runs of an operation before it is compiled: compiling takes as long as a few hundred of them. */
const RUNS_INTERPRETED = 20;

/** Compiled operations, each of which takes some 100 KiB; the oldest make room. */
export const COMPILED_OPERATIONS_MAX = 200;

const compiledOperations = new Set<KnownOperation>();

/** A valid document and the operations in it that have been asked for. */
export class KnownDocument {
  readonly #document: DocumentNode;
  readonly #operations = new Map<string | null, KnownOperation | null>();

  constructor(document: DocumentNode) {
    this.#document = document;
  }

  /** The operation of that name, or the only one; null where there is none that answers once. */
  operation(name: string | null): KnownOperation | null {
    const known = this.#operations.get(name);
    if (known !== undefined) return known;
    const found = getOperationAST(this.#document, name);
    const answersOnce = found && found.operation !== OperationTypeNode.SUBSCRIPTION;
    // Names that a document does not have are without number, and so are not remembered.
    if (!answersOnce) return null;
    const isMutation = found.operation === OperationTypeNode.MUTATION;
    const operation = new KnownOperation(this.#document, found.name?.value, isMutation);
    this.#operations.set(name, operation);
    return operation;
  }
}

/** An operation that can be run: interpreted at first, compiled once it has shown to come again. */
export class KnownOperation {
  readonly name: string | undefined;
  readonly isMutation: boolean;
  readonly #document: DocumentNode;
  #compiled: CompiledQuery | null = null;
  #runs = 0;

  constructor(document: DocumentNode, name: string | undefined, isMutation: boolean) {
    this.#document = document;
    this.name = name;
    this.isMutation = isMutation;
  }

  /** The result of the operation. It has no `data` where nothing was executed. */
  run(contextValue: Context, variableValues: Variables): ResultOrPromise {
    this.#runs += 1;
    if (this.#runs === RUNS_INTERPRETED) this.#compile();
    if (this.#compiled !== null)
      return this.#compiled.query(undefined, contextValue, variableValues);
    const [document, operationName] = [this.#document, this.name ?? null];
    return execute({ schema, document, operationName, variableValues, contextValue });
  }

  #compile(): void {
    const compiled = compileQuery(schema, this.#document, this.name);
    if (!isCompiledQuery(compiled)) return;
    this.#compiled = compiled;
    compiledOperations.add(this);
    for (const oldest of compiledOperations) {
      if (compiledOperations.size <= COMPILED_OPERATIONS_MAX) break;
      compiledOperations.delete(oldest);
      oldest.#forget();
    }
  }

  #forget(): void {
    this.#compiled = null;
    this.#runs = 0;
  }
}

type ResultOrPromise = ExecutionResult | Promise<ExecutionResult>;

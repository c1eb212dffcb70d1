import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from '../schema/context.js';
import { schema } from '../schema/index.js';
import { isCompilable } from './compilable.js';

type Variables = Readonly<Record<string, unknown>>;

/** Runs of an operation before it is compiled: compiling takes as long as a few hundred of them. */
const RUNS_INTERPRETED = 20;

/** Compiled operations, each of which takes up to 2 MiB; the oldest make room. */
const COMPILED_OPERATIONS_MAX = 50;

const compiledOperations = new Set<KnownOperation>();

/** A valid document and the operations in it that have been asked for. */
export class KnownDocument {
  readonly #document: DocumentNode;
  readonly #operations = new Map<string | null, KnownOperation>();

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
    const operation = new KnownOperation(this.#document, found);
    this.#operations.set(name, operation);
    return operation;
  }
}

/** An operation that can be run: interpreted at first, compiled once it has shown to come again. */
export class KnownOperation {
  readonly name: string | undefined;
  readonly isMutation: boolean;
  readonly #document: DocumentNode;
  readonly #definition: OperationDefinitionNode;
  #compiled: CompiledQuery | null = null;
  #runs = 0;

  constructor(document: DocumentNode, definition: OperationDefinitionNode) {
    this.#document = document;
    this.#definition = definition;
    this.name = definition.name?.value;
    this.isMutation = definition.operation === OperationTypeNode.MUTATION;
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
    if (!isCompilable(this.#document, this.#definition)) return;
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

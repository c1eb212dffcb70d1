import {
  type DocumentNode,
  type ExecutionResult,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { Context } from '../schema/context.js';
import { schema } from '../schema/index.js';
import { executeOperation } from './execute.js';

type Variables = Readonly<Record<string, unknown>>;

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
    // Names that a document does not have are without number, and so are not cached.
    if (!answersOnce) return null;
    const operation = new KnownOperation(this.#document, found);
    this.#operations.set(name, operation);
    return operation;
  }
}

/** An operation that can be run. */
export class KnownOperation {
  readonly name: string | undefined;
  readonly isMutation: boolean;
  readonly #document: DocumentNode;

  constructor(document: DocumentNode, definition: OperationDefinitionNode) {
    this.#document = document;
    this.name = definition.name?.value;
    this.isMutation = definition.operation === OperationTypeNode.MUTATION;
  }

  /** The result of the operation. It has no `data` where nothing was executed. */
  run(
    contextValue: Context,
    variableValues: Variables,
  ): ExecutionResult | Promise<ExecutionResult> {
    const [document, operationName] = [this.#document, this.name ?? null];
    return executeOperation({ schema, document, operationName, variableValues, contextValue });
  }
}

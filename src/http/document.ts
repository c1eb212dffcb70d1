/** Makes an operation of a document's text: parsed, limited and validated once, and then cached. */
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
  specifiedRules,
  validate,
} from 'graphql';
import type { OperationBounds } from '../config/operation-bounds.js';
import { TextCache } from '../platform/text-cache.js';
import { schema } from '../schema/index.js';
import { codedError, protocolError } from './errors.js';
import { createFieldCount, type FieldCount } from './field-count/field-count.js';
import { type Introspection, introspectionOf } from './introspection.js';
import { DOCUMENT_CHARS_MAX, parseWithinLimits } from './limits.js';
import type { Params } from './params.js';

/** An operation of a valid document, and what is known of it before it runs. */
export interface Operation {
  readonly document: DocumentNode;
  readonly name: string | undefined;
  readonly isMutation: boolean;
  readonly introspection: Introspection;
  readonly fieldCount: FieldCount;
}

/** What is wrong with a document. */
export type Refusal = Required<Pick<ExecutionResult, 'errors'>>;

/** A valid document's operations, by their names; null stands for the only one. */
interface Operations {
  get(name: string | null): Operation | undefined;
}

/** Errors that are told of one document: whoever mends these sees the others next. */
const VALIDATION_ERRORS_MAX = 20;

/** To read a shorter one takes no longer than to carry it out. */
const QUICK_CHARS_MAX = 1_024;

/** Each character takes up to 170 bytes once parsed, in a document of up to 8 KiB; more words than that it can't have. */
export const DOCUMENT_BOUNDS = {
  entryCharsMax: 32 * 1024,
  generationEntriesMax: 500,
  generationCharsMax: 256 * 1024,
};

/** Kept, because to validate one costs more than to run it. */
export class Documents {
  readonly #cache = new TextCache<Operations | Refusal>(DOCUMENT_BOUNDS);
  readonly #fieldsMax: number;

  constructor({ operationFieldsMax }: Pick<OperationBounds, 'operationFieldsMax'>) {
    this.#fieldsMax = operationFieldsMax;
  }

  /** The operation that is asked for. */
  operation({ query, operationName }: Pick<Params, 'query' | 'operationName'>) {
    const known = this.#cache.get(query) ?? this.#read(query);
    if ('errors' in known) return known;
    return known.get(operationName) ?? unresolved(operationName);
  }

  /** Whether to read it may take long, and so has to wait for its turn. */
  isCostly(query: string): boolean {
    const { length } = query;
    if (length <= QUICK_CHARS_MAX || length > DOCUMENT_CHARS_MAX) return false;
    return this.#cache.get(query) === undefined;
  }

  /** Bad documents are cached like good ones: they cost as much. */
  #read(query: string): Operations | Refusal {
    const known = read(query, this.#fieldsMax);
    this.#cache.set(query, known);
    return known;
  }
}

function read(query: string, fieldsMax: number): Operations | Refusal {
  let document: DocumentNode;
  try {
    document = parseWithinLimits(query);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { errors: [codedError('GRAPHQL_PARSE_FAILED', error)] };
  }
  const errors = validate(schema, document, specifiedRules, { maxErrors: VALIDATION_ERRORS_MAX });
  if (errors.length === 0) return operationsOf(document, fieldsMax);
  return { errors: errors.map((error) => codedError('GRAPHQL_VALIDATION_FAILED', error)) };
}

/** Each is made when it is first asked for: there may be hundreds, and a request runs one. */
function operationsOf(document: DocumentNode, fieldsMax: number): Operations {
  const known = new Map<string | null, Operation>();
  return {
    get(name) {
      const before = known.get(name);
      if (before !== undefined) return before;
      const definition = getOperationAST(document, name);
      if (!definition) return undefined;
      const operation = operationOf(document, definition, fieldsMax);
      known.set(name, operation);
      return operation;
    },
  };
}

function operationOf(
  document: DocumentNode,
  definition: OperationDefinitionNode,
  fieldsMax: number,
): Operation {
  return {
    document,
    name: definition.name?.value,
    isMutation: definition.operation === OperationTypeNode.MUTATION,
    introspection: introspectionOf(document, definition),
    fieldCount: createFieldCount({ schema, document, operation: definition, fieldsMax }),
  };
}

function unresolved(name: string | null): Refusal {
  const message =
    name === null
      ? 'Must provide operation name if query contains multiple operations.'
      : `Unknown operation named ${JSON.stringify(name.slice(0, 200))}.`;
  return { errors: [protocolError('OPERATION_RESOLUTION_FAILURE', message)] };
}

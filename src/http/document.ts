/** Turns the text of a document into an operation: parsed, limited and validated once, and then cached. */
import {
  type DefinitionNode,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  specifiedRules,
  validate,
} from 'graphql';
import type { OperationBounds } from '../config/operation-bounds.js';
import type { Access } from '../meter/access/forbidden.js';
import { TextCache } from '../platform/text-cache.js';
import { codedError, protocolError } from './errors.js';
import { planOf } from './execute/plan.js';
import { createFieldCount, type FieldCount } from './field-count/field-count.js';
import { batchFieldsOf } from './field-count/sizes.js';
import { type Introspection, introspectionOf } from './introspection.js';
import { DOCUMENT_CHARS_MAX, parseTrusted, parseWithinLimits } from './limits.js';
import { isManagement } from './management.js';
import { type MutationKeys, mutationKeysOf } from './mutation-keys.js';
import { type OperationCounter, OperationFigures } from './operation-figures.js';
import { HEAVY, type PieceOptions } from './paced.js';
import type { Params } from './params.js';
import { requiredScopes } from './required-scopes.js';
import { type VariableUses, variableUsesOf } from './variable-uses.js';

/** An operation of a valid document, and what is known about it before it runs. */
export interface Operation extends Access {
  readonly document: DocumentNode;
  readonly name: string | undefined;
  readonly isMutation: boolean;
  readonly introspection: Introspection;
  readonly fieldCount: FieldCount;
  readonly variableUses: VariableUses;
  readonly mutationKeys: MutationKeys;
  /** The names of the fields that it selects at its root, without those in fragments. */
  readonly rootFields: readonly string[];
  /** Where its calls are counted. */
  readonly counter: OperationCounter;
}

/** What is wrong with a document. */
export type Refusal = Required<Pick<ExecutionResult, 'errors'>>;

/** A valid document's operations, by name; null stands for the only one. */
interface Operations {
  get(name: string | null): Operation | undefined;
  /** Does whatever else their first runs would have to do. Returns whether there are any, and all can be executed. */
  prepare(): boolean;
}

/** The maximum number of errors reported for a document: once these are fixed, the others appear. */
const VALIDATION_ERRORS_MAX = 20;

/** Reading a shorter one takes no longer than running it. */
const QUICK_CHARS_MAX = 1_024;

/** Whether reading it, or counting what it may result in, may take longer than running it. */
export function isLong(query: string): boolean {
  return query.length > QUICK_CHARS_MAX;
}

/** Documents of so many characters weigh one while they wait. */
const CHARS_PER_WEIGHT = 2_048;

/** Each character takes up to 170 bytes once parsed, in a document of up to 8 KiB; it cannot have more words than that. */
export const DOCUMENT_BOUNDS = {
  entryCharsMax: 32 * 1024,
  generationEntriesMax: 500,
  generationCharsMax: 256 * 1024,
};

export interface DocumentsOptions
  extends Pick<OperationBounds, 'operationFieldsMax' | 'operationCostMax'> {
  readonly schema: GraphQLSchema;
  /** Distinguishes them from the documents of other schemas while they wait to be read. */
  readonly name: string;
  readonly figures?: OperationFigures;
}

/** Those of one schema. Kept, because validating a document costs more than running it. */
export class Documents {
  readonly #cache = new TextCache<Operations | Refusal>(DOCUMENT_BOUNDS);
  readonly #trusted = new Map<string, Operations>();
  readonly #options: ReadOptions;
  readonly #batchFields: ReadonlySet<string>;

  constructor(options: DocumentsOptions) {
    this.#options = { figures: new OperationFigures(), ...options, isTrusted: false };
    this.#batchFields = batchFieldsOf(options.schema);
  }

  /**
   * Prepares a document whose author the operator trusts, and keeps it. Its shape is not limited; the work that it may cause is, as
   * that of any other. Returns what is wrong with it, if it cannot be executed.
   */
  trust(query: string): Refusal | null {
    const known = read(query, (text) => parseTrusted(text, this.#batchFields), {
      ...this.#options,
      isTrusted: true,
    });
    if ('errors' in known) return known;
    if (!known.prepare()) return NOT_EXECUTABLE();
    this.#trusted.set(query, known);
    return null;
  }

  /** The requested operation. */
  operation({ query, operationName }: Pick<Params, 'query' | 'operationName'>) {
    const known = this.#find(query);
    if ('errors' in known) return known;
    return known.get(operationName) ?? unresolved(operationName);
  }

  /** Whether reading it may take long, so that it has to wait for its turn. */
  isCostly(query: string): boolean {
    if (!isLong(query) || query.length > DOCUMENT_CHARS_MAX) return false;
    return this.#known(query) === undefined;
  }

  #find(query: string): Operations | Refusal {
    const { documents } = this.#options.figures;
    const trusted = this.#trusted.get(query);
    const known = trusted ?? this.#cache.get(query);
    if (trusted !== undefined) documents.add('trusted');
    else documents.add(known === undefined ? 'read' : 'cached');
    return known ?? this.#read(query);
  }

  #known(query: string): Operations | Refusal | undefined {
    return this.#trusted.get(query) ?? this.#cache.get(query);
  }

  /** A document, or a part of it, is read once for all requests that wait for it, unless it cannot be cached. */
  reading(query: string, part = ''): PieceOptions {
    const isCacheable = query.length <= DOCUMENT_BOUNDS.entryCharsMax;
    return {
      key: isCacheable ? `${this.#options.name} ${part}\n${query}` : undefined,
      weight: Math.min(HEAVY, Math.ceil(query.length / CHARS_PER_WEIGHT)),
    };
  }

  /** Invalid documents are cached like valid ones: they cost as much. */
  #read(query: string): Operations | Refusal {
    const parse = (text: string) => parseWithinLimits(text, this.#batchFields);
    const known = read(query, parse, this.#options);
    this.#cache.set(query, known);
    return known;
  }
}

interface ReadOptions extends DocumentsOptions {
  readonly figures: OperationFigures;
  /** Whether the operator trusts the author of the document. */
  readonly isTrusted: boolean;
}

function read(
  query: string,
  parse: (query: string) => DocumentNode,
  options: ReadOptions,
): Operations | Refusal {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { errors: [codedError('GRAPHQL_PARSE_FAILED', error)] };
  }
  const errors = validate(options.schema, document, specifiedRules, {
    maxErrors: VALIDATION_ERRORS_MAX,
  });
  if (errors.length === 0) return operationsOf(document, options);
  if (errors.some(({ message }) => message === ABORTED)) return { errors: [tooRepetitive()] };
  return { errors: errors.map((error) => codedError('GRAPHQL_VALIDATION_FAILED', error)) };
}

/** What graphql-js says, and no more, if comparing the fields that are to be merged takes too long. */
const ABORTED = 'Validation aborted.';

function tooRepetitive(): GraphQLError {
  return protocolError(
    'QUERY_TOO_COMPLEX',
    'The operation repeats fields so often that it takes too long to compare them. Ask for each once, or under different aliases.',
  );
}

/** Each is created when it is first requested: there may be hundreds, and a request runs one. */
function operationsOf(document: DocumentNode, options: ReadOptions): Operations {
  const known = new Map<string | null, Operation>();
  const get = (name: string | null) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const definition = getOperationAST(document, name);
    if (!definition) return undefined;
    const operation = operationOf(document, definition, options);
    known.set(name, operation);
    return operation;
  };
  return {
    get,
    prepare() {
      get(null);
      const definitions = document.definitions.filter(isOperation);
      const plans = definitions.map(({ name }) => {
        get(name?.value ?? null);
        return planOf(options.schema, document, name?.value ?? null);
      });
      return plans.length > 0 && !plans.includes(null);
    },
  };
}

function isOperation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION;
}

const NOT_EXECUTABLE = (): Refusal => ({
  errors: [protocolError('GRAPHQL_VALIDATION_FAILED', 'It must contain queries and mutations.')],
});

function operationOf(
  document: DocumentNode,
  definition: OperationDefinitionNode,
  { schema, figures, isTrusted, ...bounds }: ReadOptions,
): Operation {
  const { operationFieldsMax: fieldsMax, operationCostMax: costMax } = bounds;
  const name = definition.name?.value;
  const isMutation = definition.operation === OperationTypeNode.MUTATION;
  return {
    document,
    name,
    isMutation,
    rootFields: rootFieldsOf(definition),
    counter: figures.of(name, isMutation ? 'mutation' : 'query', isTrusted),
    introspection: introspectionOf(document, definition),
    fieldCount: createFieldCount({ schema, document, operation: definition, fieldsMax, costMax }),
    variableUses: variableUsesOf(document, definition),
    mutationKeys: mutationKeysOf(document, definition),
    scopes: requiredScopes(schema, document, definition),
    isManagement: isManagement(schema, document, definition),
  };
}

function rootFieldsOf({ selectionSet }: OperationDefinitionNode): string[] {
  const names = selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [selection.name.value] : [],
  );
  return [...new Set(names)].slice(0, ROOT_FIELDS_MAX);
}

/** Trusted documents may have more. */
const ROOT_FIELDS_MAX = 20;

function unresolved(name: string | null): Refusal {
  const message =
    name === null
      ? 'Must provide operation name if query contains multiple operations.'
      : `Unknown operation named ${JSON.stringify(name.slice(0, 200))}.`;
  return { errors: [protocolError('OPERATION_RESOLUTION_FAILURE', message)] };
}

/**
 * One run of a planned operation, step by step as graphql-js does it: the same calls of resolvers in
 * the same order, the same errors, and as many turns of the promises, so that what is read together
 * stays together.
 */
import {
  defaultTypeResolver,
  type ExecutionResult,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  responsePathAsArray,
} from 'graphql';
import { fieldError } from '../located.js';
import { RunArguments } from './arguments.js';
import {
  isIterable,
  isPromise,
  newResult,
  notOfType,
  nullOf,
  objectTypeOf,
  type Path,
  type Result,
  serialized,
  settledResult,
} from './complete.js';
import { asFieldError, FieldErrors } from './field-errors.js';
import { FieldInfo } from './field-info.js';
import type { OperationPlan } from './plan.js';
import type { PlannedField, Selection, Selections, Variables } from './selection.js';
import type { Shape } from './shape.js';
import { type AnswerSize, BYTES_OF_LIST, BYTES_OF_NULL, bytesOfLeaf } from './size.js';

type LeafShape = Extract<Shape, { kind: 'LEAF' }>;

export interface RunOptions {
  readonly plan: OperationPlan;
  readonly selections: Selections;
  readonly variables: Variables;
  readonly contextValue: unknown;
  readonly rootValue: unknown;
  readonly answerSize: AnswerSize;
}

export class Run {
  readonly #options: RunOptions;
  readonly #errors = new FieldErrors();
  readonly #arguments: RunArguments;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#arguments = new RunArguments(options.variables);
  }

  start(): ExecutionResult | Promise<ExecutionResult> {
    const { plan, selections, rootValue } = this.#options;
    try {
      const data = plan.isMutation
        ? this.#fieldsInTurn(selections.root(), rootValue)
        : this.#fields(selections.root(), rootValue, undefined);
      return isPromise(data) ? data.then(this.#end, this.#endWithout) : this.#end(data);
    } catch (error) {
      return this.#endWithout(error);
    }
  }

  readonly #end = (data: Result | null): ExecutionResult => {
    const errors = this.#errors.all;
    return errors.length === 0 ? { data } : { errors, data };
  };

  readonly #endWithout = (error: unknown): ExecutionResult => {
    this.#errors.add(asFieldError(error), undefined);
    return this.#end(null);
  };

  /** The fields at the root of a mutation: one begins when the one before it has ended. */
  #fieldsInTurn(selection: Selection, source: unknown): Result | Promise<Result> {
    this.#count(selection.bytes);
    let results: Result | Promise<Result> = newResult(selection);
    for (const field of selection.fields) {
      results = isPromise(results)
        ? results.then((done) => this.#nextInTurn(field, source, done))
        : this.#nextInTurn(field, source, results);
    }
    return results;
  }

  #nextInTurn(field: PlannedField, source: unknown, results: Result): Result | Promise<Result> {
    const value = this.#field(field, source, undefined);
    if (!isPromise(value)) {
      results[field.key] = value;
      return results;
    }
    return value.then((settled) => {
      results[field.key] = settled;
      return results;
    });
  }

  #fields(selection: Selection, source: unknown, path: Path | undefined): Result | Promise<Result> {
    this.#count(selection.bytes);
    const results = newResult(selection);
    let isWaiting = false;
    try {
      for (const field of selection.fields) {
        const value = this.#field(field, source, path);
        results[field.key] = value;
        if (isPromise(value)) isWaiting = true;
      }
    } catch (error) {
      if (!isWaiting) throw error;
      // The others may fail as well, and their rejections must be handled.
      return settledResult(selection, results).finally(() => {
        throw error;
      });
    }
    return isWaiting ? settledResult(selection, results) : results;
  }

  #field(field: PlannedField, source: unknown, above: Path | undefined): unknown {
    const info = new FieldInfo(this.#options, field, above);
    try {
      const { contextValue } = this.#options;
      const value: unknown = field.resolve(source, this.#arguments.of(field), contextValue, info);
      const completed = isPromise(value)
        ? this.#completeLater(field.shape, field, info, info.path, value)
        : this.#completeNow(field, info, value);
      return isPromise(completed)
        ? this.#failLater(completed, field, field.shape, info.path)
        : completed;
    } catch (error) {
      return this.#fail(error, field, field.shape, info.path);
    }
  }

  /** Most values are leaves, whose paths matter only if something is wrong with them. */
  #completeNow(field: PlannedField, info: FieldInfo, value: unknown): unknown {
    const { shape } = field;
    return shape.kind === 'LEAF'
      ? this.#leaf(shape, field, value)
      : this.#complete(shape, field, info, info.path, value);
  }

  /** Separate, like `#failLater`, so that only what waits pays for a closure. */
  #completeLater(
    shape: Shape,
    field: PlannedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: Promise<unknown>,
  ): Promise<unknown> {
    return value.then((settled) => this.#complete(shape, field, info, path, settled));
  }

  #failLater(
    completed: Promise<unknown>,
    field: PlannedField,
    shape: Shape,
    path: Path,
  ): Promise<unknown> {
    return completed.then(undefined, (error) => this.#fail(error, field, shape, path));
  }

  /** Null in place of the value; if null is not allowed here, the error moves on to the field above. */
  #fail(error: unknown, { nodes }: PlannedField, { isNonNull }: Shape, path: Path): null {
    const located = fieldError(error, nodes, responsePathAsArray(path));
    if (isNonNull) throw located;
    this.#errors.add(located, path);
    return null;
  }

  #complete(
    shape: Shape,
    field: PlannedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: unknown,
  ): unknown {
    if (shape.kind === 'LEAF') return this.#leaf(shape, field, value);
    if (value instanceof Error) throw value;
    if (value === null || value === undefined) return this.#null(shape, field);
    switch (shape.kind) {
      case 'LIST':
        return this.#list(shape.item, field, info, path, value);
      case 'OBJECT':
        return this.#object(shape.type, field, info, path, value);
      case 'ABSTRACT':
        return this.#abstract(shape, field, info, path, value);
    }
  }

  #null({ isNonNull }: Shape, field: PlannedField): null {
    if (isNonNull) throw nullOf(field);
    this.#count(BYTES_OF_NULL);
    return null;
  }

  #leaf(shape: LeafShape, field: PlannedField, value: unknown): unknown {
    if (value instanceof Error) throw value;
    if (value === null || value === undefined) return this.#null(shape, field);
    const found = serialized(shape.type, value);
    this.#count(bytesOfLeaf(found));
    return found;
  }

  #list(
    item: Shape,
    field: PlannedField,
    info: GraphQLResolveInfo,
    path: Path,
    values: unknown,
  ): unknown {
    if (!isIterable(values)) {
      const { parentType, name } = field;
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${parentType.name}.${name}".`,
      );
    }
    this.#count(BYTES_OF_LIST);
    const completed: unknown[] = [];
    let isWaiting = false;
    try {
      for (const value of values) {
        const itemPath = { prev: path, key: completed.length, typename: undefined };
        const done = this.#item(item, field, info, itemPath, value);
        completed.push(done);
        if (isPromise(done)) isWaiting = true;
      }
    } catch (error) {
      // Items that fail later must not end the process, which graphql-js does not prevent.
      if (isWaiting) void Promise.allSettled(completed);
      throw error;
    }
    return isWaiting ? Promise.all(completed) : completed;
  }

  #item(
    item: Shape,
    field: PlannedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: unknown,
  ): unknown {
    try {
      const completed = isPromise(value)
        ? this.#completeLater(item, field, info, path, value)
        : this.#complete(item, field, info, path, value);
      return isPromise(completed) ? this.#failLater(completed, field, item, path) : completed;
    } catch (error) {
      return this.#fail(error, field, item, path);
    }
  }

  #object(
    type: GraphQLObjectType,
    field: PlannedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: unknown,
  ): unknown {
    const selection = this.#options.selections.below(field, type);
    const isOfType = type.isTypeOf ? type.isTypeOf(value, this.#options.contextValue, info) : true;
    if (isPromise(isOfType)) {
      return isOfType.then((settled) => {
        if (!settled) throw notOfType(type, field, value);
        return this.#fields(selection, value, path);
      });
    }
    if (!isOfType) throw notOfType(type, field, value);
    return this.#fields(selection, value, path);
  }

  #abstract(
    { type }: Extract<Shape, { kind: 'ABSTRACT' }>,
    field: PlannedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: unknown,
  ): unknown {
    const resolveType = type.resolveType ?? defaultTypeResolver;
    const name: unknown = resolveType(value, this.#options.contextValue, info, type);
    return isPromise(name)
      ? name.then((settled) =>
          this.#object(objectTypeOf(settled, type, field, info, value), field, info, path, value),
        )
      : this.#object(objectTypeOf(name, type, field, info, value), field, info, path, value);
  }

  #count(bytes: number): void {
    this.#options.answerSize.add(bytes);
  }
}

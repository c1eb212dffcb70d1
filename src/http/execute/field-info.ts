import type { GraphQLResolveInfo } from 'graphql';
import { type Path, pathTo } from './complete.js';
import type { OperationPlan } from './plan.js';
import type { PlannedField, Variables } from './selection.js';

/** What is the same for all fields of a run. */
export interface RunInfo {
  readonly plan: OperationPlan;
  readonly variables: Variables;
  readonly rootValue: unknown;
}

/**
 * The info that a resolver gets. Most do not read it, as they only return a property of their object, so nothing is made
 * before it is read.
 */
export class FieldInfo implements GraphQLResolveInfo {
  readonly #run: RunInfo;
  readonly #field: PlannedField;
  readonly #above: Path | undefined;
  #path: Path | undefined;

  constructor(run: RunInfo, field: PlannedField, above: Path | undefined) {
    this.#run = run;
    this.#field = field;
    this.#above = above;
  }

  get path(): Path {
    this.#path ??= pathTo(this.#above, this.#field);
    return this.#path;
  }

  get fieldName() {
    return this.#field.name;
  }

  get fieldNodes() {
    return this.#field.nodes;
  }

  get returnType() {
    return this.#field.returnType;
  }

  get parentType() {
    return this.#field.parentType;
  }

  get schema() {
    return this.#run.plan.schema;
  }

  get fragments() {
    return this.#run.plan.fragments;
  }

  get rootValue() {
    return this.#run.rootValue;
  }

  get operation() {
    return this.#run.plan.operation;
  }

  get variableValues() {
    return this.#run.variables;
  }
}

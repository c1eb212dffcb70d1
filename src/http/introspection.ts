/** Operations that read the schema: their answers are cached, and their cost is bounded. */
import {
  type DocumentNode,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql';
import { TextCache } from '../platform/text-cache.js';
import { createCollector } from './merged-fields.js';
import type { Params } from './params.js';

/** Whether an operation reads the schema: not at all, alongside the project's data, or exclusively. */
export type Introspection = 'NONE' | 'SOME' | 'ALL';

/** Determined by its root fields, including those that may be skipped. */
export function introspectionOf(
  document: DocumentNode,
  { selectionSet }: OperationDefinitionNode,
): Introspection {
  const always = () => true;
  const groups = createCollector(document, always)([selectionSet], always);
  const names = [...groups.values()].map(([field]) => field.name.value);
  if (!names.some((name) => BEGINNINGS.has(name))) return 'NONE';
  return names.every((name) => name.startsWith('__')) ? 'ALL' : 'SOME';
}

const BEGINNINGS: ReadonlySet<string> = new Set([SchemaMetaFieldDef.name, TypeMetaFieldDef.name]);

/** Results of operations that read only the schema, as JSON: they are the same for every project. */
export class SchemaResults {
  readonly #cache = new TextCache<string>(SCHEMA_RESULT_BOUNDS);
  readonly #name: string;

  /** The name distinguishes them from the results of other schemas while they are waited for. */
  constructor(name: string) {
    this.#name = name;
  }

  /** The key of an operation's result; null if it is not cached. */
  keyOf(
    {
      introspection,
      name,
    }: { readonly introspection: Introspection; readonly name?: string | undefined },
    { query, variables }: Pick<Params, 'query' | 'variables'>,
  ): string | null {
    if (introspection !== 'ALL' || !Object.values(variables).every(isPlain)) return null;
    // JSON is self-delimiting, and a name has no space: no two operations have the same key.
    return `${this.#name} ${JSON.stringify(variables)} ${name ?? ''} ${query}`;
  }

  get(key: string): string | undefined {
    return this.#cache.get(key);
  }

  set(key: string, json: string): void {
    this.#cache.set(key, json, key.length + json.length);
  }
}

/** The types of arguments of introspection. A number may have more digits than its JSON shows. */
function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

/** The whole schema has 110,000 characters. */
export const SCHEMA_RESULT_BOUNDS = {
  entryCharsMax: 512 * 1024,
  generationEntriesMax: 50,
  generationCharsMax: 2 * 1024 * 1024,
};

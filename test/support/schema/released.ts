/**
 * What the last release offered, in test/released: both schemas without descriptions, each below a line with its checksum.
 * `npm run release:schemas` writes them.
 */
import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema, Kind, parse, print, visit } from 'graphql';
import { sha256Hex } from '../../../src/platform/digest.js';
import { tollgateSubgraph } from '../../../src/schema/federation.js';
import { sdl } from '../../../src/schema/sdl.js';
import { DEFAULT_PREFIXES } from '../../../src/schema/subgraph/names.js';
import { TAKEN_AWAY, type TakenAway } from '../../released/taken-away.js';

export const SCHEMA_FILES = ['schema.graphql', 'subgraph.graphql'] as const;

export type SchemaFile = (typeof SCHEMA_FILES)[number];

export const SCHEMAS_NOW: Readonly<Record<SchemaFile, string>> = {
  'schema.graphql': sdl,
  'subgraph.graphql': tollgateSubgraph(DEFAULT_PREFIXES).sdl,
};

export const pathOfReleased = (file: SchemaFile): URL =>
  new URL(`../../released/${file}`, import.meta.url);

export interface Released {
  readonly text: string;
  /** Null if they are as they were written. */
  readonly problem: string | null;
}

export function releasedSchema(file: SchemaFile): Released {
  return readReleased(readFileSync(pathOfReleased(file), 'utf8'));
}

export function readReleased(content: string): Released {
  const [first = '', ...lines] = content.split('\n');
  const text = lines.join('\n');
  const isWritten = first === firstLine(text);
  return { text, problem: isWritten ? null : 'It was changed by hand. Take back the change.' };
}

/** What a release keeps of a schema. */
export function writtenReleased(schema: string): string {
  const bare = visit(parse(schema), {
    enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined),
  });
  const text = `${print(bare)}\n`;
  return `${firstLine(text)}\n${text}`;
}

function firstLine(text: string): string {
  return `# Written by \`npm run release:schemas\`, never by hand. SHA-256 of the rest: ${sha256Hex(text)}`;
}

export interface Comparison {
  /** What was taken away, and no exception says why. */
  readonly undeclared: readonly string[];
  /** Exceptions for what is still there, or was never released. */
  readonly idle: readonly string[];
}

export async function compareReleased(
  file: SchemaFile,
  before: string,
  exceptions: readonly TakenAway[] = TAKEN_AWAY,
): Promise<Comparison> {
  const gone = await takenAway(before, SCHEMAS_NOW[file]);
  const declared = exceptions.filter((one) => one.file === file).map(({ change }) => change);
  return {
    undeclared: gone.filter((change) => !declared.includes(change)),
    idle: declared.filter((change) => !gone.includes(change)),
  };
}

/** What clients or supergraphs that were built on the first could not do with the second, as sentences. */
export async function takenAway(before: string, after: string): Promise<string[]> {
  const changes = await diff(schemaOf(before), schemaOf(after));
  const breaking = changes.filter(
    ({ criticality }) => criticality.level === CriticalityLevel.Breaking,
  );
  const keys = new Set(keysOf(after));
  return [
    ...breaking.map(({ message }) => message),
    ...keysOf(before).filter((key) => !keys.has(key)),
  ];
}

/** Directives of specifications that a subgraph only links are not defined in it. */
function schemaOf(text: string): GraphQLSchema {
  return buildSchema(text, { assumeValidSDL: true });
}

/** Such as `Customer @key(fields: "id")`: other subgraphs refer to it by them. */
function keysOf(text: string): string[] {
  return parse(text).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
    const keys = (definition.directives ?? []).filter(({ name }) => name.value === 'key');
    return keys.flatMap(({ arguments: args = [] }) =>
      args.flatMap(({ name, value }) =>
        name.value === 'fields' && value.kind === Kind.STRING
          ? [`${definition.name.value} @key(fields: "${value.value}")`]
          : [],
      ),
    );
  });
}

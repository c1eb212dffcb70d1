/** The project's source files, parsed: what each one imports and which names it uses. */
import * as fs from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface SourceFile {
  /** Relative to the root, with slashes: `src/http/yoga.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Names as written, with at most one dot: `Date.now`, `process.env`, `randomUUID`, `new Date`. */
  readonly uses: ReadonlySet<string>;
}

export interface Import {
  /** A path as above for a file of the project, otherwise the specifier as written. */
  readonly target: string;
  readonly ours: boolean;
  /** Removed by the compiler. */
  readonly typeOnly: boolean;
}

export async function readSources(folder: string): Promise<SourceFile[]> {
  return (await readTexts(folder)).map(({ path, text }) => parseSource(path, text));
}

/** The same, not parsed. */
export async function readTexts(folder: string): Promise<Pick<SourceFile, 'path' | 'text'>[]> {
  const names = await fs.readdir(join(ROOT, folder), { recursive: true });
  const paths = names
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !/\/(generated|gql|node_modules)\//.test(path))
    .sort();
  return Promise.all(
    paths.map(async (path) => ({ path, text: await fs.readFile(join(ROOT, path), 'utf8') })),
  );
}

export function parseSource(path: string, text: string): SourceFile {
  const imports: Import[] = [];
  const uses = new Set<string>();
  for (const node of nodes(parse(path, text))) {
    const found = importOf(node, path);
    if (found !== undefined) imports.push(found);
    const name = nameOf(node);
    if (name !== undefined) uses.add(name);
  }
  return { path, text, imports, uses };
}

function parse(path: string, text: string): unknown {
  try {
    return parseAst(text, { lang: 'ts' });
  } catch (cause) {
    throw new Error(`${path} cannot be parsed`, { cause });
  }
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodes(item);
  } else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) yield value;
    for (const item of Object.values(value)) yield* nodes(item);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function importOf(node: Node, path: string): Import | undefined {
  const source = node['source'];
  if (!/^(Import|Export|TSImport)/.test(node.type) || !isNode(source)) return undefined;
  // A path computed at run time cannot be checked, so it belongs to no layer.
  const written = source.type === 'Literal' ? String(source['value']) : '(computed)';
  const ours = written.startsWith('.');
  return {
    target: ours ? posix.join(posix.dirname(path), written).replace(/\.js$/, '.ts') : written,
    ours,
    typeOnly:
      node.type === 'TSImportType' ||
      node['importKind'] === 'type' ||
      node['exportKind'] === 'type',
  };
}

function nameOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    const { callee, arguments: given } = node;
    if (!isNode(callee) || !Array.isArray(given) || given.length > 0) return undefined;
    return callee['name'] === 'Date' ? 'new Date' : undefined;
  }
  if (node.type !== 'MemberExpression') return undefined;
  const { object, property } = node;
  if (!isNode(object) || !isNode(property)) return undefined;
  // process['env'] is process.env.
  return `${String(object['name'])}.${String(property['name'] ?? property['value'])}`;
}

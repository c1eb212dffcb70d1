/** The page about the log lists every message that there is, with its level. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const PAGE = readFileSync(join(ROOT, 'docs/operations/logs.md'), 'utf8');

/** What writes a line: a method of something that is called a logger. */
const LOGS = /\blogger(\.(debug|info|warn|error|fatal)|\[level\])$/;

/** Parts that do not know the logger are given a function that warns. */
const WARNS = /^(options\.)?warn$/;

/** A node of the syntax tree, as ESTree has it. */
interface Node {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type of node has its own fields.
  readonly [field: string]: any;
}

interface Source {
  readonly text: string;
  readonly nodes: readonly Node[];
}

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('generated'))
  .map((name) => {
    const text = readFileSync(join(ROOT, 'src', name), 'utf8');
    return { text, nodes: nodesIn(parseAst(text, { lang: 'ts' })) };
  });

function nodesIn(value: unknown): Node[] {
  const found: Node[] = [];
  const visit = (part: unknown) => {
    if (typeof part !== 'object' || part === null) return;
    if ('type' in part && 'start' in part) found.push(part as unknown as Node);
    for (const inner of Object.values(part)) visit(inner);
  };
  visit(value);
  return found;
}

/** The code of a node on one line. */
function codeOf({ text }: Source, { start, end }: Node): string {
  return text.slice(start, end).replace(/\s+/g, '').replaceAll('?.', '.');
}

/** The texts that an expression can be; what varies in them is `…`. */
function textsOf(source: Source, node: Node): string[] {
  switch (node.type) {
    case 'Literal':
      return [String(node['value'])];
    case 'TemplateLiteral':
      return [node['quasis'].map(({ value }: Node) => value.cooked).join('…')];
    case 'ConditionalExpression':
      return [node['consequent'], node['alternate']].flatMap((one) => textsOf(source, one));
    case 'BinaryExpression':
      return [[node['left'], node['right']].flatMap((one) => textsOf(source, one)).join('')];
    case 'MemberExpression':
      return node['computed']
        ? valuesOf(source, node['object'].name)
        : namedIn(source, node['property'].name);
    default:
      return namedIn(source, node['name']);
  }
}

/** All values of a table that is a constant of the file. */
function valuesOf(source: Source, table: string): string[] {
  const [found] = source.nodes.filter(
    ({ type, id }) => type === 'VariableDeclarator' && id.name === table,
  );
  return found === undefined
    ? []
    : found['init'].properties.flatMap(({ value }: Node) => textsOf(source, value));
}

/** The texts that its file, or for a constant any file, gives to something of that name. */
function namedIn(source: Source, name: string): string[] {
  const from = name === name.toUpperCase() ? sources : [source];
  return from.flatMap((one) =>
    one.nodes.flatMap((node) => {
      if (node.type === 'VariableDeclarator' && node['id'].name === name && node['init'])
        return textsOf(one, node['init']);
      if (node.type === 'Property' && node['key'].name === name && node['value'].type === 'Literal')
        return textsOf(one, node['value']);
      const isTold = node.type === 'CallExpression' && /#tell$/.test(codeOf(one, node['callee']));
      return isTold && name === 'sentence' ? textsOf(one, node['arguments'][0]) : [];
    }),
  );
}

/** The messages of a call, each with its level; null for anything else. */
function messagesOf(source: Source, node: Node): string[] | null {
  if (node.type !== 'CallExpression') return null;
  const called = codeOf(source, node['callee']);
  const isLog = LOGS.exec(called);
  const last: Node | undefined = node['arguments'].at(-1);
  if (last === undefined || !(isLog || WARNS.test(called))) return null;
  const levels = isLog ? (isLog[2] === undefined ? ['info', 'error'] : [isLog[2]]) : ['warn'];
  return textsOf(source, last).flatMap((text) => levels.map((level) => `${level} ${text}`));
}

const calls = sources.flatMap((source) =>
  source.nodes.flatMap((node) => {
    const messages = messagesOf(source, node);
    return messages === null ? [] : [{ code: codeOf(source, node), messages }];
  }),
);

describe('the page about the log', () => {
  it('lists every message in the source, and no other, with its level', () => {
    const rows = [...PAGE.matchAll(/^\| `([^`]+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$/gm)];
    const listed = rows.map(([, text, level]) => `${level} ${text}`);
    const messages = new Set(calls.flatMap((call) => call.messages));
    expect(listed.toSorted()).toEqual([...messages].toSorted());
    expect(listed.length).toBeGreaterThan(40);
  });

  it('is compared with what is really logged: the texts of every call were found', () => {
    const unknown = calls.filter(({ messages }) => messages.length === 0);
    // These pass on the sentences of those that are given the function, and what the doctor finds.
    expect(unknown.map(({ code }) => code).toSorted()).toEqual([
      'logger.warn(sentence)',
      'logger.warn(sentence)',
      'options.warn.(sentence)',
    ]);
  });
});

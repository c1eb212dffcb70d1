/** docs/supergraph.md: what each composer makes of the example's two subgraphs. `npm run generate:composed` writes it. */
import { readFileSync } from 'node:fs';
import {
  type DefinitionNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql';
import { COMPOSERS, compose, type NamedSubgraph } from './programs.js';

export const COMPOSED_PAGE = new URL('../../../docs/supergraph.md', import.meta.url);

const root = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** As the example serves them. */
const SUBGRAPHS: readonly NamedSubgraph[] = [
  {
    name: 'accounts',
    url: 'http://127.0.0.1:4001/graphql',
    sdl: root('examples/supergraph/accounts.graphql'),
  },
  {
    name: 'tollgate',
    url: 'http://127.0.0.1:4000/subgraph',
    sdl: root('subgraph.graphql'),
  },
];

/** What is shown, in this order: of types, only the fields named. What is added to others does not change the page. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  join__Graph: [],
  Query: ['users', 'customer'],
  User: ['id', 'name', 'usage'],
  Customer: ['customerId', 'company', 'users', 'balance', 'balances'],
};

/** The page with the parts between `<!-- composed by NAME -->` and `<!-- end -->` as the composers make them. */
export async function withComposed(page: string): Promise<string> {
  let text = page;
  for (const composer of COMPOSERS) {
    const { errors, supergraph } = await compose(composer, SUBGRAPHS);
    if (supergraph === null) throw new Error(errors.join('\n'));
    const begin = `<!-- composed by ${composer} -->\n`;
    const [before, rest, more] = text.split(begin);
    const end = rest?.indexOf('<!-- end -->') ?? -1;
    if (rest === undefined || more !== undefined || end < 0) {
      throw new Error(`docs/supergraph.md needs one place for ${composer}`);
    }
    const { [composer]: version } = VERSIONS;
    const shown = `\`${composer}\` ${version}:\n\n\`\`\`graphql\n${excerpt(supergraph)}\`\`\`\n`;
    text = `${before}${begin}${shown}${rest.slice(end)}`;
  }
  return text;
}

const { dependencies: VERSIONS }: { readonly dependencies: Readonly<Record<string, string>> } =
  JSON.parse(root('test/federation/package.json'));

function excerpt(supergraph: string): string {
  const { definitions } = visit(parse(supergraph), {
    enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined),
  });
  const shown = Object.entries(SHOWN).flatMap(([name, fields]) =>
    definitions.filter((one) => nameOf(one) === name).map((one) => shortened(one, fields)),
  );
  return `${shown.join('\n\n')}\n`;
}

function nameOf(definition: DefinitionNode): string | undefined {
  return 'name' in definition ? definition.name?.value : undefined;
}

function shortened(definition: DefinitionNode, names: readonly string[]): string {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return print(definition);
  const all = definition.fields ?? [];
  const fields = names.flatMap((name) => all.filter((field) => field.name.value === name));
  if (fields.length < names.length) throw new Error(`${definition.name.value} lacks a field`);
  const text = print(withFields(definition, fields));
  return fields.length === all.length ? text : text.replace(/\n\}$/, '\n  # and others\n}');
}

function withFields(
  definition: ObjectTypeDefinitionNode,
  fields: readonly FieldDefinitionNode[],
): ObjectTypeDefinitionNode {
  return { ...definition, fields };
}

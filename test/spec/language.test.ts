/** Phrases that a technical editor would strike out do not come back: in sources, tests, documentation and messages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Each with what to write instead. The id `'nobody'` in tests is not prose. */
const UNFIT: readonly (readonly [RegExp, string])[] = [
  [/\bcan not\b|\bcan't\b/i, 'cannot'],
  [/\bfor ever\b/i, 'forever, indefinitely'],
  [/\ba use\b/i, 'usage, a usage event'],
  [/\b(not|is|are|was|were) remembered\b/i, 'cached'],
  [/\b(is|are|was|were) left out\b/i, 'omitted, skipped'],
  [/\b(is|are|was|were) asked for\b/i, 'requested'],
  [/\b(is|are) told of\b/i, 'reported'],
  [/\bunder way\b/i, 'in progress, in flight'],
  [/\bto be had\b/i, 'available'],
  [/\blooked at\b/i, 'examine, check'],
  [
    /(?<!['"])\b(nobody|somebody|whoever|whomever)\b/i,
    'name the client, the operator, another session',
  ],
  [/\blets? go of\b/i, 'close, release'],
  [/\bnull where\b/i, 'null if'],
  [/\bwhose it is\b/i, 'the customer that owns it'],
  [/\bnone such\b/i, 'does not exist'],
  [/\bopens nothing\b/i, 'stops working'],
  [/\bthe way of\b/i, 'the path of'],
  [/\bby chance\b/i, 'random, at random'],
  [/\bhears? of (it|them)\b/i, 'is affected'],
];

/** Generated files, and this one, which contains the phrases. */
const SKIPPED = /generated|node_modules|test\/gql|language\.test/;

function filesIn(folder: string, extension: string, recursive: boolean): string[] {
  return readdirSync(join(ROOT, folder), { recursive, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(extension) && !SKIPPED.test(path));
}

const files = [
  ...filesIn('src', '.ts', true),
  ...filesIn('test', '.ts', true),
  ...filesIn('test', '.mjs', true),
  ...filesIn('docs', '.md', true),
  ...filesIn('.', '.md', false),
  'schema.graphql',
  'prisma/schema.prisma',
];

it.each(UNFIT)('%s is written as: %s', (phrase) => {
  const found = files.flatMap((path) =>
    readFileSync(join(ROOT, path), 'utf8')
      .split('\n')
      .map((line, index) => ({ at: `${path}:${index + 1}`, line: line.trim() }))
      .filter(({ line }) => phrase.test(line)),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
});

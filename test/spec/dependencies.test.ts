/** `npm ci` prints no warnings but those in CONTRIBUTING.md: every package supports our versions of Node and runs no script. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

interface Package {
  readonly engines?: { readonly node?: string };
  readonly hasInstallScript?: boolean;
  readonly deprecated?: string;
  readonly license?: string;
  readonly resolved?: string;
}

interface Lock {
  readonly packages: Readonly<Record<string, Package>>;
}

const read = async (name: string) =>
  JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), 'utf8'));

const { engines, allowScripts } = await read('package.json');
const lockOf = async (folder: string): Promise<Lock> => read(`${folder}/package-lock.json`);
const { packages } = await lockOf('.');

/** Serves `prisma dev`, which is not used here. Newer releases need Node 22, too, and Prisma's command line needs what needs it. */
const FOR_NODE_22 = 'node_modules/@prisma/streams-local on 20.19.0: >=22.0.0';

type Version = readonly [major: number, minor: number, patch: number];

const COMPARATOR = /(>=|\^)?\s*(\d+|\*)(?:\.(\d+|x))?(?:\.(\d+))?/g;

/** Ranges in the forms found here: alternatives of `>=`, `^`, and versions without their last parts. */
function isWithin(version: Version, range: string): boolean {
  return range.split('||').some((alternative) => {
    const comparators = [...alternative.matchAll(COMPARATOR)];
    return comparators.length > 0 && comparators.every((parts) => fits(version, parts));
  });
}

function fits([major, minor, patch]: Version, parts: readonly (string | undefined)[]): boolean {
  const [, operator, first, second = 'x', third = '0'] = parts;
  if (first === '*') return true;
  const [a, b, c] = [Number(first), second === 'x' ? 0 : Number(second), Number(third)];
  const isLater = major !== a ? major > a : minor !== b ? minor > b : patch >= c;
  if (operator === '>=') return isLater;
  if (operator === '^') return major === a && isLater;
  return major === a && (second === 'x' || minor === b);
}

/** The oldest version of each supported release line. */
function supported(): Version[] {
  const versions: string = engines.node;
  return [...versions.matchAll(/(\d+)\.(\d+)\.(\d+)/g)].map(([, ...parts]) => {
    const [major = 0, minor = 0, patch = 0] = parts.map(Number);
    return [major, minor, patch];
  });
}

describe.each(['.', 'examples/supergraph'])('every package of %s', (folder) => {
  it('is under a license that lets everyone run it', async () => {
    const { packages } = await lockOf(folder);
    const known = Object.entries(packages).filter(([, { license }]) => license !== undefined);
    expect(known.length).toBeGreaterThan(100);
    expect(known.filter(([, { license = '' }]) => /elastic|busl|sspl|agpl/i.test(license))).toEqual(
      [],
    );
  });
});

it.each(['.', 'examples/supergraph', 'test/federation', 'test/manifests'])(
  'the lockfile of %s is for every registry',
  async (folder) => {
    const { packages } = await lockOf(folder);
    expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  },
);

describe('every package', () => {
  it('supports each version of Node that Tollgate supports', () => {
    expect(supported().length).toBeGreaterThan(1);
    const unfit = Object.entries(packages).flatMap(([name, { engines = {} }]) =>
      supported()
        .filter((version) => engines.node !== undefined && !isWithin(version, engines.node))
        .map((version) => `${name} on ${version.join('.')}: ${engines.node}`),
    );
    expect(unfit).toEqual([FOR_NODE_22]);
  });

  it('runs no script on installation and is not deprecated', () => {
    const named = Object.entries(packages).map(([path, facts]) => ({
      name: path.replace(/^.*node_modules\//, ''),
      ...facts,
    }));
    const scripts = named.filter(({ hasInstallScript }) => hasInstallScript);
    expect(scripts.filter(({ name }) => allowScripts[name] !== false)).toEqual([]);
    expect(named.filter(({ deprecated }) => deprecated !== undefined)).toEqual([]);
  });
});

it.each<[Version, string, boolean]>([
  [[20, 19, 0], '^20.19.0 || >=22.12.0', true],
  [[22, 11, 0], '^20.19.0 || >=22.12.0', false],
  [[24, 0, 0], '^20.19.0 || >=22.12.0', true],
  [[22, 12, 0], '>=23.5.0 || ^22.13.0 || ^20.17.0', false],
  [[20, 19, 0], '18 || 20 || >=22', true],
  [[20, 19, 0], '6.* || 8.* || >= 10.*', true],
  [[20, 19, 0], '*', true],
  [[20, 19, 0], '>=22.0.0', false],
])('%j is within %s: %s', (version, range, expected) => {
  expect(isWithin(version, range)).toBe(expected);
});

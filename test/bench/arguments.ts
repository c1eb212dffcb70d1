/** The arguments of the command line. */
import { parseArgs } from 'node:util';

export interface Options {
  /** The workloads to run, in the order of the list, whatever the order of the arguments. */
  readonly names: readonly string[];
  readonly list: boolean;
  readonly rounds: number;
  readonly seconds: number;
  /** Whether a regression makes the run fail. */
  readonly strict: boolean;
  /** Whether the figures are written to docs/. */
  readonly write: boolean;
  /** How many customers the large database has; each has ten events. */
  readonly largeCustomers: number;
}

export type Arguments =
  | { readonly ok: true; readonly options: Options }
  | { readonly ok: false; readonly problem: string };

const USAGE =
  'Usage: npm run bench -- [NAME...] [--list] [--rounds N] [--seconds N] [--strict] ' +
  '[--dry-run] [--large-customers N]';

interface Bound {
  readonly usual: number;
  readonly min: number;
  readonly max: number;
}

export const LARGE_CUSTOMERS = 1_000_000;

const BOUNDS = {
  rounds: { usual: 3, min: 1, max: 100 },
  seconds: { usual: 5, min: 1, max: 600 },
  'large-customers': { usual: LARGE_CUSTOMERS, min: 10_000, max: LARGE_CUSTOMERS },
} as const satisfies Record<string, Bound>;

/** Reads the arguments; `known` are the names of all workloads, in their order. */
export function parseArguments(given: readonly string[], known: readonly string[]): Arguments {
  const parsed = parse(given);
  if (parsed === null) return { ok: false, problem: USAGE };
  const { values, positionals } = parsed;
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) return { ok: false, problem: unknownMessage(unknown, known) };
  const numbers = Object.fromEntries(
    Object.entries(BOUNDS).map(([name, bound]) => [name, numberOf(values[name], bound)]),
  );
  for (const [name, { min, max }] of Object.entries(BOUNDS)) {
    if (numbers[name] !== undefined) continue;
    const problem = `--${name} is "${values[name]}": it must be a whole number from ${min} to ${max}.`;
    return { ok: false, problem };
  }
  return {
    ok: true,
    options: {
      names: known.filter((name) => positionals.length === 0 || positionals.includes(name)),
      list: values['list'] === true,
      strict: values['strict'] === true,
      write: values['dry-run'] !== true,
      rounds: numbers['rounds'] ?? BOUNDS.rounds.usual,
      seconds: numbers['seconds'] ?? BOUNDS.seconds.usual,
      largeCustomers: numbers['large-customers'] ?? BOUNDS['large-customers'].usual,
    },
  };
}

function parse(given: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        list: { type: 'boolean' },
        strict: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        'large-customers': { type: 'string' },
      },
    });
    const named: Record<string, string | boolean | undefined> = values;
    return { values: named, positionals };
  } catch {
    return null;
  }
}

function unknownMessage(unknown: readonly string[], known: readonly string[]): string {
  const names = unknown.map((name) => `"${name}"`).join(', ');
  return `There is no workload ${names}. There are: ${known.join(', ')}.`;
}

/** Undefined if it is invalid. */
function numberOf(text: unknown, { usual, min, max }: Bound): number | undefined {
  if (text === undefined) return usual;
  if (typeof text !== 'string' || !/^\d{1,7}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

import { describe, expect, it } from 'vitest';
import { parseArguments } from '../bench/arguments.js';

const KNOWN = ['spread', 'hot', 'large-read'];

const optionsOf = (...given: string[]) => {
  const parsed = parseArguments(given, KNOWN);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.options;
};

const problemOf = (...given: string[]) => {
  const parsed = parseArguments(given, KNOWN);
  return parsed.ok ? null : parsed.problem;
};

describe('the arguments of the benchmark', () => {
  it('default to all workloads, measured in three rounds of five seconds', () => {
    expect(optionsOf()).toEqual({
      names: KNOWN,
      list: false,
      rounds: 3,
      seconds: 5,
      strict: false,
      write: true,
      largeCustomers: 1_000_000,
    });
  });

  it('select the named workloads, each once and in the order of the list', () => {
    expect(optionsOf('large-read', 'spread', 'large-read').names).toEqual(['spread', 'large-read']);
  });

  it('may have options before, between and after names', () => {
    const options = optionsOf('--rounds', '5', 'hot', '--seconds=10', '--strict', '--dry-run');
    expect(options).toMatchObject({
      names: ['hot'],
      rounds: 5,
      seconds: 10,
      strict: true,
      write: false,
    });
  });

  it('are refused with a message that names the unknown workloads and the existing ones', () => {
    expect(problemOf('spread', 'cold', 'hott')).toBe(
      'There is no workload "cold", "hott". There are: spread, hot, large-read.',
    );
  });

  it.each([
    ['--rounds', '0'],
    ['--rounds', '101'],
    ['--rounds', '1.5'],
    ['--rounds', ''],
    ['--seconds', '-1'],
    ['--seconds', 'five'],
    ['--seconds', '601'],
    ['--large-customers', '9999'],
    ['--large-customers', '1000001'],
  ])('are refused if %s is "%s", with the limits', (name, value) => {
    expect(problemOf(`${name}=${value}`)).toMatch(
      new RegExp(`^${name} is "${value}": it must be a whole number from \\d+ to \\d+\\.$`),
    );
  });

  it.each([
    ['--rounds', '1', { rounds: 1 }],
    ['--rounds', '100', { rounds: 100 }],
    ['--seconds', '600', { seconds: 600 }],
    ['--large-customers', '10000', { largeCustomers: 10_000 }],
  ])('may have %s %s, which is at a limit', (name, value, expected) => {
    expect(optionsOf(name, value)).toMatchObject(expected);
  });

  it('are refused with the usage if an option is unknown', () => {
    expect(problemOf('--fast')).toMatch(/^Usage: npm run bench -- /);
  });
});

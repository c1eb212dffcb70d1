/** The errors for operations that are larger or more expensive than allowed. */
import type { GraphQLError } from 'graphql';
import { protocolError, withFacts } from '../errors.js';
import type { DearField } from './dearest.js';

export interface Excess {
  readonly count: number;
  readonly what: string;
  readonly max: number;
}

export function refuseSize({ count, what, max }: Excess, path: string): GraphQLError {
  return protocolError(
    'QUERY_TOO_COMPLEX',
    `The operation may have ${shown(count)} ${what}, counting each list at its maximum size; ` +
      `at most ${max} are allowed. Most of them are at "${cutPath(path)}". Ask for smaller pages, ` +
      'for fewer nested lists, or send several queries.',
  );
}

export function refuseCost(cost: number, max: number, dearest: readonly DearField[]): GraphQLError {
  const fields = dearest.map(({ path, cost }) => ({ path: cutPath(path), cost: costTold(cost) }));
  const told = fields.map(({ path, cost }) => `${cost} at "${path}"`).join(', ');
  const error = protocolError(
    'OPERATION_COST_EXCEEDED',
    `The operation may cost ${shown(cost)}, counting each list at its maximum size; OPERATION_COST_MAX ` +
      `allows ${max}. The most expensive fields: ${told}. Ask for smaller pages, for fewer nested ` +
      'lists, or send several queries.',
  );
  return withFacts(error, { cost: { requested: costTold(cost), maximum: max, fields } });
}

/** Larger numbers are rounded in messages. */
const EXACT_MAX = 10 ** 15;

function shown(count: number): string {
  return count <= EXACT_MAX ? String(count) : 'more than 10^15';
}

/** A number that JSON has. */
export function costTold(cost: number): number {
  return Math.min(cost, Number.MAX_SAFE_INTEGER);
}

/** Limits a path, whose names were chosen by the client. */
const PATH_CHARS_MAX = 200;

function cutPath(path: string): string {
  return path.length <= PATH_CHARS_MAX ? path : `${path.slice(0, PATH_CHARS_MAX)}…`;
}

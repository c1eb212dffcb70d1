/** R8: the drain order of the model's customer. */
import { type Holding, nextReset, type Part } from './holdings.js';

export type Rank = readonly (number | string)[];

/** The criteria of R8 for one part of a holding, in order; lower values come first. */
export function rank(holding: Holding, part: Part, isOwnFeature: boolean): Rank {
  const { grant } = holding;
  const ends = part === holding.main ? nextReset(holding) : part.endsAt;
  return [
    grant.unlimited ? 0 : 1,
    grant.entityId === undefined ? 1 : 0,
    grant.priority ?? 0,
    isOwnFeature ? 0 : 1,
    part === holding.main ? 1 : 0,
    Math.min(ends, holding.expiresAt),
    holding.overageAllowed ? 1 : 0,
    holding.createdAt,
    holding.id,
    holding.rolledOver.indexOf(part),
  ];
}

export function compare(a: Rank, b: Rank): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return (a[index] ?? 0) < (b[index] ?? 0) ? -1 : 1;
}

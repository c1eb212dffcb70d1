/** The rules for what features cost in a credit system. */
import { wholeCost } from '../../domain/cost.js';
import { includes, WHERE_BYTES_MAX, WHERE_PROPERTIES_MAX, type Where } from '../../domain/where.js';
import type { Amount } from './exact-number.js';
import { jsonViolation } from './json-rule.js';
import { CREDIT_COST_MAX, CREDIT_COSTS_MAX } from './limits.js';
import { rule, violation } from './rules.js';
import type { Violation } from './text-rules.js';
import { isJsonObject, isWhere, parseCostInput } from './values.js';

/** Typed `never`, because Pothos requires a schema that fits each member of the union `Amount`. */
export const creditCost = rule<never>((value: Amount) => {
  const parsed = parseCostInput(value);
  if (!parsed.ok) return violation(parsed.rule, parsed.message);
  if (parsed.cost < 0n) return violation('minimum', 'must not be negative');
  return parsed.cost <= wholeCost(CREDIT_COST_MAX)
    ? null
    : violation('maximum', `must be at most ${CREDIT_COST_MAX}`);
});

export const where = rule((value: unknown) => {
  const unfit = jsonViolation(value, WHERE_BYTES_MAX);
  if (unfit !== null) return unfit;
  return isJsonObject(value) ? whereViolation(value) : null;
});

function whereViolation(object: Readonly<Record<string, unknown>>): Violation | null {
  const names = Object.keys(object);
  if (names.length < 1 || names.length > WHERE_PROPERTIES_MAX) {
    const none = names.length === 0 ? '; omit it if the cost is for all usage' : '';
    return violation('items', `must have 1 to ${WHERE_PROPERTIES_MAX} properties${none}`);
  }
  const other = names.find((name) => !isWhere({ [name]: object[name] }));
  if (other === undefined) return null;
  return { ...violation('comparable', 'must be a string, a number or a boolean'), path: [other] };
}

interface CostInput {
  readonly featureId: string;
  readonly cost: Amount;
  readonly where?: unknown;
}

/** Each can apply to some usage. */
export const creditCosts = rule((costs: CostInput[]) => {
  if (costs.length > CREDIT_COSTS_MAX) {
    return violation('items', `must be at most ${CREDIT_COSTS_MAX} credit costs`);
  }
  for (const [index, cost] of costs.entries()) {
    const before = costs.slice(0, index).findIndex((earlier) => hides(earlier, cost));
    if (before !== -1) return { ...hidden(costs, before, index), path: [String(index)] };
  }
  return null;
});

/** Whether all usage that is meant by the second is meant by the first. One that is not well-formed is refused anyway. */
function hides(first: CostInput, second: CostInput): boolean {
  const [before, after] = [whereOf(first), whereOf(second)];
  if (before === undefined || after === undefined || first.featureId !== second.featureId)
    return false;
  return includes(before, after);
}

function whereOf({ where }: CostInput): Where | null | undefined {
  if (where === null || where === undefined) return null;
  return isJsonObject(where) && whereViolation(where) === null && isWhere(where)
    ? where
    : undefined;
}

function hidden(costs: readonly CostInput[], before: number, index: number): Violation {
  const [first, second] = [costs[before], costs[index]].map((cost) => cost && whereOf(cost));
  if (includes(second ?? null, first ?? null))
    return violation('unique', 'must not be listed twice');
  return violation(
    'unreachable',
    `never applies, because all usage that it fits has the cost of item ${before} already; put it before that one`,
  );
}

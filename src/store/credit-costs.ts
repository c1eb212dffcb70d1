/**
 * The rows of `credit_costs`, one for each feature that a credit system pays for. A cost for all usage, with as many decimals as
 * an amount, is in the column `cost`. All others are in `prices`, in order, and leave `cost` null, which no earlier release can read: see
 * docs/adr/0045-costs-by-property.md.
 */
import { costFromText, costToText, isCoarse } from '../domain/cost.js';
import type { CreditCost } from '../domain/feature.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';
import {
  cost,
  elementsOf,
  listOf,
  Members,
  number,
  orNull,
  type Reader,
  text,
  UnfitError,
} from '../domain/stored-values.js';
import type { Where, WhereValue } from '../domain/where.js';

export interface CreditCostRow {
  readonly featureId: string;
  /** The text of a decimal. */
  readonly cost: string | null;
  readonly prices: PricesJson | null;
}

/** What the column `prices` contains. Properties are pairs: as keys of an object, some names would be lost, such as `__proto__`. */
interface PricesJson {
  readonly v: number;
  readonly costs: [cost: string, where: [name: string, value: WhereValue][] | null][];
}

/** The costs of a credit system as rows. */
export function creditCostRows(costs: readonly CreditCost[]): CreditCostRow[] {
  const byFeature = new Map<string, CreditCost[]>();
  for (const cost of costs) {
    const others = byFeature.get(cost.featureId);
    if (others === undefined) byFeature.set(cost.featureId, [cost]);
    else others.push(cost);
  }
  return [...byFeature].map(([featureId, ofFeature]) => ({ featureId, ...cellsOf(ofFeature) }));
}

function cellsOf(costs: readonly CreditCost[]): Pick<CreditCostRow, 'cost' | 'prices'> {
  const [only, ...others] = costs;
  if (only !== undefined && others.length === 0 && only.where === null && isCoarse(only.cost)) {
    return { cost: costToText(only.cost), prices: null };
  }
  const listed = costs.map(({ cost, where }): PricesJson['costs'][number] => [
    costToText(cost),
    where === null ? null : Object.entries(where),
  ]);
  return { cost: null, prices: { v: STORED_VERSION, costs: listed } };
}

/** The costs of a row as Prisma reads it: its decimal writes no exponent with `toFixed`. */
export function creditCostsOfRow({ featureId, cost, prices }: ReadRow): CreditCost[] {
  return creditCostsOf(featureId, cost === null ? null : cost.toFixed(), prices);
}

interface ReadRow {
  readonly featureId: string;
  readonly cost: { toFixed(): string } | null;
  readonly prices: unknown;
}

/** The costs of a row: in order, if there are several. `prices` is as JSON was read. */
export function creditCostsOf(
  featureId: string,
  cost: string | null,
  prices: unknown,
): CreditCost[] {
  if (cost !== null) return [{ featureId, cost: costFromText(cost), where: null }];
  return readStored(prices, [pricesOf, pricesOf]).map((price) => ({ featureId, ...price }));
}

const pricesOf: Reader<Pick<CreditCost, 'cost' | 'where'>[]> = (json) =>
  new Members(json).get('costs', listOf(priceOf));

const priceOf: Reader<Pick<CreditCost, 'cost' | 'where'>> = (json) => {
  const parts = elementsOf(json, 2);
  return { cost: parts.at(0, cost), where: parts.at(1, orNull(whereOf)) };
};

/** A cost for no properties would be one for all usage. */
const whereOf: Reader<Where> = (json) => {
  const pairs = listOf(pairOf)(json);
  if (pairs.length === 0) throw new UnfitError('empty');
  return Object.fromEntries(pairs);
};

const pairOf: Reader<readonly [string, WhereValue]> = (json) => {
  const parts = elementsOf(json, 2);
  return [parts.at(0, text), parts.at(1, whereValueOf)];
};

const whereValueOf: Reader<WhereValue> = (json) => {
  if (typeof json === 'string' || typeof json === 'boolean') return json;
  return number(json);
};

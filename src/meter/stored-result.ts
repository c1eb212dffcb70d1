import { quantityFromText, quantityToText } from '../domain/quantity.js';

/** No id, code or enum value may begin with it, so a marked text is always an amount. */
const QUANTITY_MARK = '=';

/** JSON text of a verb's result, for its idempotency key. Amounts are kept exact as marked texts: 1.5 becomes "=1.5". */
export function storedResultToJson(result: unknown): string {
  return JSON.stringify(result, (_key, part: unknown) =>
    typeof part === 'bigint' ? `${QUANTITY_MARK}${quantityToText(part)}` : part,
  );
}

/** The result again from its JSON, amounts included. */
export function storedResultFromJson(json: unknown): unknown {
  if (typeof json === 'string') {
    return json.startsWith(QUANTITY_MARK) ? quantityFromText(json.slice(1)) : json;
  }
  if (Array.isArray(json)) return json.map(storedResultFromJson);
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, part]) => [key, storedResultFromJson(part)]),
  );
}

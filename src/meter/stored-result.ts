import { quantityFromText, quantityToText } from '../domain/quantity.js';

/** Marks an amount. A text that begins with it, such as an id, is marked with another one. */
const QUANTITY_MARK = '=';

/** JSON text of a verb's result, for its idempotency key. Amounts are kept exact as marked texts: 1.5 becomes "=1.5". */
export function storedResultToJson(result: unknown): string {
  return JSON.stringify(result, (_key, part: unknown) => {
    if (typeof part === 'bigint') return `${QUANTITY_MARK}${quantityToText(part)}`;
    return isMarked(part) ? `${QUANTITY_MARK}${part}` : part;
  });
}

/** The result again from its JSON, amounts included. */
export function storedResultFromJson(json: unknown): unknown {
  if (isMarked(json)) {
    const text = json.slice(QUANTITY_MARK.length);
    return isMarked(text) ? text : quantityFromText(text);
  }
  if (Array.isArray(json)) return json.map(storedResultFromJson);
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, part]) => [key, storedResultFromJson(part)]),
  );
}

function isMarked(part: unknown): part is string {
  return typeof part === 'string' && part.startsWith(QUANTITY_MARK);
}

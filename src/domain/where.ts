/** Which usage a credit cost is for: that whose properties equal given values. */

/** The properties of usage: a JSON object whose numbers doubles represent. */
export type Properties = Readonly<Record<string, unknown>>;

/** What a property can be compared with. Numbers are compared as numbers, texts character by character. */
export type WhereValue = string | number | boolean;

/** All of these properties must be equal, 1 to `WHERE_PROPERTIES_MAX`. */
export type Where = Readonly<Record<string, WhereValue>>;

/** Properties that one cost may depend on. */
export const WHERE_PROPERTIES_MAX = 4;

/** Of the object as JSON text in UTF-8. Catalogues are kept in memory, and a feature can have a hundred such objects. */
export const WHERE_BYTES_MAX = 256;

/** Whether usage has all of these properties. A list, an object or null equals none of the values. */
export function matches(where: Where, properties: Properties | null): boolean {
  if (properties === null) return false;
  for (const name of Object.keys(where)) {
    if (!Object.hasOwn(properties, name) || properties[name] !== where[name]) return false;
  }
  return true;
}

/** Whether all usage that has all properties of the second has those of the first; null requires none. */
export function includes(first: Where | null, second: Where | null): boolean {
  return first === null || (second !== null && matches(first, second));
}

/** Reads properties from the text in which they are stored. */
export function propertiesFromText(text: string | null): Properties | null {
  return text === null ? null : (JSON.parse(text) as Properties);
}

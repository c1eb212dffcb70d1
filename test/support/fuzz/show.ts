/**
 * A value as text that shows every difference that a resolver or a client could see: undefined, null and absent values, the
 * sign of zero, the order of keys, own properties of any name, and objects with and without a prototype.
 */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${Array.from(value, show).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const prototype = Object.getPrototypeOf(value);
    const kind = prototype === Object.prototype ? '' : (prototype?.constructor?.name ?? 'bare');
    const members = Object.keys(value).map((key) => `${key}:${show(memberOf(value, key))}`);
    return `${kind}{${members.join(',')}}`;
  }
  if (typeof value === 'string') return JSON.stringify(value);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Not `value[key]`, which returns the prototype for `__proto__`. */
function memberOf(value: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

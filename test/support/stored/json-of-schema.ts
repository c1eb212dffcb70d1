/** JSON that a zod schema reads, by what the schema says of itself, and the same with one thing changed. */
import * as fc from 'fast-check';
import type { z } from 'zod';

/** With every member, and one element in each list, if it is to be whole. */
export function jsonOf(schema: z.core.$ZodType, whole: boolean): fc.Arbitrary<unknown> {
  const inner = (one: z.core.$ZodType) => jsonOf(one, whole);
  // The schemas are made by zod, which tells its own kinds apart like this.
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  const checks = checksOf(def);
  switch (def.type) {
    case 'object': {
      const known = fc.record(
        Object.fromEntries(Object.entries(def.shape).map(([name, one]) => [name, inner(one)])),
        whole ? {} : { requiredKeys: requiredOf(def.shape) },
      );
      if (def.catchall === undefined) return known;
      const others = fc.dictionary(fc.string(), inner(def.catchall), { maxKeys: 4 });
      return fc.tuple(others, known).map(([more, members]) => ({ ...more, ...members }));
    }
    case 'record':
      return fc.dictionary(fc.string(), inner(def.valueType), { minKeys: whole ? 1 : 0 });
    case 'array': {
      const least = Math.max(numberIn(checks, 'minimum', 0), whole ? 1 : 0);
      return fc.array(inner(def.element), { minLength: least, maxLength: whole ? least : 3 });
    }
    case 'tuple':
      return fc
        .tuple(...def.items.map(inner))
        .map((items) => (items.at(-1) === undefined ? items.slice(0, -1) : items));
    case 'union':
      return fc.oneof(...def.options.map(inner));
    case 'nullable':
      return whole ? inner(def.innerType) : fc.option(inner(def.innerType));
    case 'optional':
      return whole ? inner(def.innerType) : fc.option(inner(def.innerType), { nil: undefined });
    case 'default':
      return inner(def.innerType);
    case 'pipe':
      return inner(def.in);
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries));
    case 'literal':
      return fc.constantFrom(...def.values);
    case 'boolean':
      return fc.boolean();
    case 'unknown':
      return fc.jsonValue();
    case 'string':
      return textOf(checks);
    case 'number':
      return numberOf(checks);
    default:
      throw new Error(`no JSON is made of ${def.type}`);
  }
}

function requiredOf(shape: Readonly<Record<string, z.core.$ZodType>>): string[] {
  return Object.keys(shape).filter((name) => shape[name]?._zod.optin !== 'optional');
}

type Check = Readonly<Record<string, unknown>>;

/** What is checked of a text, a number or a list. A format is its own check. */
function checksOf(def: z.core.$ZodTypeDef): readonly Check[] {
  return [{ ...def }, ...(def.checks ?? []).map((check) => ({ ...check._zod.def }))];
}

function numberIn(checks: readonly Check[], name: string, usual: number): number {
  return Number(checks.find((check) => name in check)?.[name] ?? usual);
}

function textOf(checks: readonly Check[]): fc.Arbitrary<string> {
  const pattern = checks.find((check) => 'pattern' in check)?.['pattern'];
  if (pattern instanceof RegExp) return fc.stringMatching(pattern);
  return fc.oneof(fc.string(), fc.constantFrom('messages', '__proto__', 'constructor'));
}

function numberOf(checks: readonly Check[]): fc.Arbitrary<number> {
  const format = checks.find((check) => 'format' in check)?.['format'];
  if (format === 'int32') return fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
  if (format === 'safeint') return fc.maxSafeInteger();
  const ofCheck = (name: string) => checks.filter(({ check }) => check === name);
  const min = numberIn(ofCheck('greater_than'), 'value', -Number.MAX_VALUE);
  const max = numberIn(ofCheck('less_than'), 'value', Number.MAX_VALUE);
  return fc.oneof(fc.double({ min, max, noNaN: true }), fc.constantFrom(min, max));
}

/** Values of every kind, right and wrong somewhere: amounts, times, ids, texts of other forms, numbers beyond their bounds. */
const OTHERS: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  8.64e15 + 1,
  // What JSON.parse makes of 1e999.
  Number.POSITIVE_INFINITY,
  '',
  'x',
  '1',
  '-0.5',
  '=1.5',
  '1.12345678901',
  '1e3',
  '1\n',
  'MONTH',
  'KEPT',
  '01890A5D-AC96-774B-BCCE-B302099A8057',
  '01890a5dac96774bbcceb302099a8057',
  '7000800000000000000f',
  [],
  ['1', '1', null],
  {},
  { v: 1 },
];

/** JSON with one thing changed, in every place: another value, a member or an element more or less. */
export function* changed(json: unknown): Generator<unknown> {
  yield* OTHERS;
  if (Array.isArray(json)) {
    yield [...json, null];
    yield json.slice(0, -1);
    for (const [place, element] of json.entries()) {
      for (const other of changed(element)) yield json.with(place, other);
    }
  } else if (typeof json === 'object' && json !== null) {
    yield { ...json, later: { more: [1] } };
    yield { ...json, ...JSON.parse('{"__proto__": {"more": [1]}}') };
    for (const [name, value] of Object.entries(json)) {
      const { [name]: _, ...others } = json as Record<string, unknown>;
      yield others;
      for (const other of changed(value)) yield { ...json, [name]: other };
    }
  }
}

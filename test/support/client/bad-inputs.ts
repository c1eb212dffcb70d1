/** Inputs that must be refused, and how: the table of bad-input.test.ts. */

/** What is sent to `trackBalance`: fields that replace those of a valid call, or the whole input as text. */
export type Sent = Readonly<Record<string, unknown>> | Json | Literal;

/** An input as JSON text, for what `JSON.stringify` cannot write. */
export class Json {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An input as a literal in a document. */
export class Literal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * `expected` is the path and the rule of the first issue, or the code of a refusal or a protocol
 * error.
 */
export type BadInput = readonly [title: string, sent: Sent, expected: string, value?: string];

const json = (fields: string) => new Json(`{"customerId":"acme","featureId":"messages",${fields}}`);
const literal = (fields: string) =>
  new Literal(`{ customerId: "acme", featureId: "messages", ${fields} }`);

const NUL = '\u0000';
const HIGH = '\ud800';
const LOW = '\udc00';

const WHAT: BadInput[] = [
  ['neither feature nor event name', { featureId: undefined }, 'featureId exactly_one', 'null'],
  ['both feature and event name', { eventName: 'chat' }, 'featureId exactly_one', '"messages"'],
  ['null for both', { featureId: null, eventName: null }, 'featureId exactly_one'],
  ['an empty customer id', { customerId: '' }, 'customerId id', '""'],
  ['an empty feature id', { featureId: '' }, 'featureId id'],
  ['an empty entity id', { entityId: '' }, 'entityId id'],
  ['an id with a space', { customerId: 'ac me' }, 'customerId id'],
  ['an id with a line break at its end', { customerId: 'acme\n' }, 'customerId id', '"acme\\n"'],
  ['an id with SQL in it', { customerId: "a'; DROP TABLE events; --" }, 'customerId id'],
  ['an id with an accent', { customerId: 'acmé' }, 'customerId id'],
  ['an id of full-width letters', { customerId: 'ａｃｍｅ' }, 'customerId id'],
  ['an id with a tab', { customerId: 'ac\tme' }, 'customerId id', '"ac\\tme"'],
  ['an id with a delete', { customerId: 'acme\u007f' }, 'customerId id'],
  ['an id with NUL', { customerId: `acme${NUL}` }, 'customerId id', '"acme\\u0000"'],
  ['an id with a lone surrogate', { customerId: `a${HIGH}` }, 'customerId id', '"a\\ud800"'],
  ['an id of 256 characters', { customerId: 'a'.repeat(256) }, 'customerId id'],
  ['an id of a megabyte', { featureId: 'a'.repeat(1_000_000) }, 'featureId id'],
  ['an empty event name', { featureId: null, eventName: '' }, 'eventName length'],
  ['129 letters', { featureId: null, eventName: 'é'.repeat(129) }, 'eventName length'],
  ['129 emoji', { featureId: null, eventName: '😀'.repeat(129) }, 'eventName length'],
  ['an event name with NUL', { featureId: null, eventName: `a${NUL}` }, 'eventName control'],
  ['an event name in two lines', { featureId: null, eventName: 'a\nb' }, 'eventName control'],
  ['a lone surrogate', { featureId: null, eventName: `a${HIGH}` }, 'eventName well_formed'],
];

const AMOUNTS: BadInput[] = [
  ['1e400 in JSON', json('"value":1e400'), 'value finite', '1e400'],
  ['-1e400 in JSON', json('"value":-1e400'), 'value finite', '-1e400'],
  ['1e400 as a literal', literal('value: 1e400'), 'value finite', '1e400'],
  ['1e-400', json('"value":1e-400'), 'value decimals', '1e-400'],
  ['a whole number of 400 digits', literal(`value: ${'9'.repeat(400)}`), 'value finite'],
  ['a third', { value: 1 / 3 }, 'value decimals', '0.3333333333333333'],
  ['a third as a literal', literal('value: 0.3333333333333333'), 'value decimals'],
  ['16 decimals', { value: 0.1234567890123456 }, 'value decimals'],
  [
    '20 decimals',
    json('"value":0.12345678901234567890'),
    'value decimals',
    '0.12345678901234567890',
  ],
  ['20 decimals as a literal', literal('value: 0.12345678901234567890'), 'value decimals'],
  ['11 decimals', { value: 0.00000000001 }, 'value decimals', '1e-11'],
  ['the smallest double', { value: 5e-324 }, 'value decimals'],
  ['2^53 + 1', json('"value":9007199254740993'), 'value magnitude', '9007199254740993'],
  ['2^53 + 1 as a literal', literal('value: 9007199254740993'), 'value magnitude'],
  ['10^15 and a little', json('"value":1000000000000000.0000000001'), 'value magnitude'],
  ['more than 10^15', { value: 1.1e15 }, 'value magnitude'],
  ['less than -10^15', { value: -1e16 }, 'value magnitude'],
  ['NaN as a string', { value: 'NaN' }, 'BAD_USER_INPUT'],
  ['NaN without quotes', json('"value":NaN'), 'BAD_REQUEST'],
  ['a hexadecimal number', json('"value":0x10'), 'BAD_REQUEST'],
  ['a number with underscores', json('"value":1_000'), 'BAD_REQUEST'],
  ['a number as a string', { value: '1' }, 'BAD_USER_INPUT'],
  ['Arabic digits', { value: '١٢' }, 'BAD_USER_INPUT'],
  ['a number in a list', { value: [1] }, 'BAD_USER_INPUT'],
  ['a Boolean for a number', { value: true }, 'BAD_USER_INPUT'],
];

const KEYS: BadInput[] = [
  ['an empty key', { idempotencyKey: '' }, 'idempotencyKey bytes'],
  ['a key of 256 bytes', { idempotencyKey: 'k'.repeat(256) }, 'idempotencyKey bytes'],
  ['a key of 86 characters, 258 bytes', { idempotencyKey: '€'.repeat(86) }, 'idempotencyKey bytes'],
  ['a key with NUL', { idempotencyKey: `k${NUL}` }, 'idempotencyKey nul', '"k\\u0000"'],
  ['a key with a high surrogate', { idempotencyKey: `k${HIGH}` }, 'idempotencyKey well_formed'],
  ['a key with a low surrogate', { idempotencyKey: `${LOW}k` }, 'idempotencyKey well_formed'],
  ['a key of swapped surrogates', { idempotencyKey: LOW + HIGH }, 'idempotencyKey well_formed'],
  ['a number for a key', { idempotencyKey: 7 }, 'BAD_USER_INPUT'],
];

const nested = (levels: number): unknown => (levels === 1 ? {} : { a: nested(levels - 1) });
const lists = (levels: number) => json(`"properties":{"a":${brackets('[', levels, ']')}}`);
const brackets = (open: string, levels: number, close: string) =>
  `${open.repeat(levels)}${close.repeat(levels)}`;
const TOO_DEEP = `properties.a${'.0'.repeat(15)} depth`;

const PROPERTIES: BadInput[] = [
  ['a list of properties', { properties: [] }, 'properties object', '[]'],
  ['a string for properties', { properties: '{}' }, 'properties object'],
  ['a number for properties', { properties: 1 }, 'properties object'],
  ['NUL in a property', { properties: { a: { b: NUL } } }, 'properties.a.b nul', '"\\u0000"'],
  ['NUL in a name', { properties: { [NUL]: 1 } }, `properties.${NUL} nul`],
  ['a lone surrogate in a list', { properties: { a: ['x', LOW] } }, 'properties.a.1 well_formed'],
  ['a lone surrogate in a name', { properties: { [HIGH]: 1 } }, 'properties.\ufffd well_formed'],
  ['1e400 in properties', json('"properties":{"a":[1e400]}'), 'properties.a.0 finite', '1e400'],
  ['1e400 in properties as a literal', literal('properties: { a: 1e400 }'), 'properties.a finite'],
  [
    'an id beyond 2^53',
    json('"properties":{"tweet":1524831183200260097}'),
    'properties.tweet exact',
    '1524831183200260097',
  ],
  [
    'an id beyond 2^53 as a literal',
    literal('properties: { tweets: [1524831183200260097] }'),
    'properties.tweets.0 exact',
    '1524831183200260097',
  ],
  [
    '20 decimals in properties',
    json('"properties":{"a":{"b":0.12345678901234567890}}'),
    'properties.a.b exact',
  ],
  ['1e-400 there', json('"properties":{"a":1e-400}'), 'properties.a exact'],
  [
    'an inexact number below __proto__',
    json('"properties":{"__proto__":9007199254740993}'),
    'properties.__proto__ exact',
  ],
  [
    'an inexact number for properties',
    json('"properties":9007199254740993'),
    'properties object',
    '9007199254740993',
  ],
  [
    'NUL below __proto__',
    json('"properties":{"__proto__":{"x":"\\u0000"}}'),
    'properties.__proto__.x nul',
  ],
  ['17 levels', { properties: nested(17) }, `properties${'.a'.repeat(16)} depth`, '{}'],
  ['7,000 levels', lists(7_000), TOO_DEEP, '[…]'],
  ['100,000 levels', lists(100_000), 'REQUEST_TOO_LARGE'],
  ['90 levels as a literal', literal(`properties: { a: ${brackets('[', 90, ']')} }`), TOO_DEEP],
  [
    '64 KiB and a byte',
    { properties: { a: 'x'.repeat(65_529) } },
    'properties bytes',
    `{"a":"${'x'.repeat(113)}…`,
  ],
  ['a megabyte of properties', { properties: { a: 'x'.repeat(2 ** 20) } }, 'properties bytes'],
  ['300,000 lists', json(`"properties":{"a":[${'[],'.repeat(3e5)}[]]}`), 'REQUEST_TOO_LARGE'],
];

const inAnHour = new Date(Date.now() + 3_600_000).toISOString();

const TIMES: BadInput[] = [
  ['a malformed time', { timestamp: 'yesterday' }, 'timestamp date_time', '"yesterday"'],
  ['an empty time', { timestamp: '' }, 'timestamp date_time'],
  ['a day without a time', { timestamp: '2026-01-31' }, 'timestamp date_time'],
  ['a time without a zone', { timestamp: '2026-01-31T10:00:00' }, 'timestamp date_time'],
  ['30 February', { timestamp: '2026-02-30T10:00:00Z' }, 'timestamp date_time'],
  ['29 February 2025', { timestamp: '2025-02-29T10:00:00Z' }, 'timestamp date_time'],
  ['the 24th hour', { timestamp: '2026-01-31T24:00:00Z' }, 'timestamp date_time'],
  ['the 60th second', { timestamp: '2016-12-31T23:59:60Z' }, 'timestamp date_time'],
  ['an offset of 25 hours', { timestamp: '2026-01-31T10:00:00+25:00' }, 'timestamp date_time'],
  ['infinity', { timestamp: 'infinity' }, 'timestamp date_time'],
  ['the year 300000', { timestamp: '+300000-01-01T00:00:00Z' }, 'timestamp date_time'],
  ['the year 3000', { timestamp: '3000-01-01T00:00:00Z' }, 'timestamp range'],
  ['the last moment of 1969', { timestamp: '1969-12-31T23:59:59.999Z' }, 'timestamp range'],
  ['a time in an hour', { timestamp: inAnHour }, 'timestamp future', `"${inAnHour}"`],
  ['a number for a time', { timestamp: 1_700_000_000 }, 'BAD_USER_INPUT'],
  ['a number for a time as a literal', literal('timestamp: 17'), 'GRAPHQL_VALIDATION_FAILED'],
];

const UNKNOWN: BadInput[] = [
  ['an unknown customer', { customerId: 'nobody' }, 'CUSTOMER_NOT_FOUND'],
  ["another project's customer", { customerId: 'theirs' }, 'CUSTOMER_NOT_FOUND'],
  ['an unknown entity', { entityId: 'nobody' }, 'ENTITY_NOT_FOUND'],
  ["another project's entity", { entityId: 'their-seat' }, 'ENTITY_NOT_FOUND'],
  ['an unknown feature', { featureId: 'nothing' }, 'FEATURE_NOT_FOUND'],
  ["another project's feature", { featureId: 'theirs' }, 'FEATURE_NOT_FOUND'],
  ['an unknown event name', { featureId: null, eventName: 'x' }, 'EVENT_NAME_NOT_FOUND'],
  [
    "another project's event name",
    { featureId: null, eventName: 'their-chat' },
    'EVENT_NAME_NOT_FOUND',
  ],
  ['constructor for a feature', { featureId: 'constructor' }, 'FEATURE_NOT_FOUND'],
  ['__proto__ for a name', { featureId: null, eventName: '__proto__' }, 'EVENT_NAME_NOT_FOUND'],
];

const FORMS: BadInput[] = [
  ['no customer', { customerId: undefined }, 'BAD_USER_INPUT'],
  ['null for a customer', { customerId: null }, 'BAD_USER_INPUT'],
  ['a number for a customer', { customerId: 1 }, 'BAD_USER_INPUT'],
  ['a long number for a customer', json('"customerId":9007199254740993'), 'BAD_USER_INPUT'],
  ['a long number for a time', json('"timestamp":9007199254740993'), 'BAD_USER_INPUT'],
  ['a long number for an enum', json('"overageBehavior":9007199254740993'), 'BAD_USER_INPUT'],
  ['a long number for the input', new Json('9007199254740993'), 'BAD_USER_INPUT'],
  ['an unknown field', { amount: 1 }, 'BAD_USER_INPUT'],
  ['__proto__ as a field', json('"__proto__":{"value":5}'), 'BAD_USER_INPUT'],
  ['constructor as a field', json('"constructor":{}'), 'BAD_USER_INPUT'],
  ['an unknown behaviour', { overageBehavior: 'IGNORE' }, 'BAD_USER_INPUT'],
  ['a behaviour in lower case', { overageBehavior: 'cap' }, 'BAD_USER_INPUT'],
  ['an unknown field in a literal', literal('amount: 1'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a string for a number as a literal', literal('value: "1"'), 'GRAPHQL_VALIDATION_FAILED'],
  ['no customer in a literal', new Literal('{ featureId: "a" }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a list for the input', new Json('[1]'), 'BAD_USER_INPUT'],
  ['null for the input', new Json('null'), 'BAD_USER_INPUT'],
];

export const BAD_INPUTS: readonly BadInput[] = [
  ...WHAT,
  ...AMOUNTS,
  ...KEYS,
  ...PROPERTIES,
  ...TIMES,
  ...UNKNOWN,
  ...FORMS,
];

/** What an error quotes from a request is short, wherever it is in the message. */
import fc from 'fast-check';
import { GraphQLError, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { ECHO_CHARS_MAX, FOREIGN_MESSAGE_CHARS_MAX, shortened } from '../../src/http/echo.js';
import { codedError, maskError, protocolError } from '../../src/http/errors.js';
import { schema } from '../../src/schema/index.js';

describe('a message', () => {
  it('that is short is unchanged', () => {
    const message = 'Unknown argument "frist" on field "Query.events". Did you mean "first"?';
    expect(shortened(message)).toBe(message);
  });

  it('keeps its own words around long quotations', () => {
    const value = `"${'x'.repeat(1_900_000)}"`;
    const message = `Variable "$a" got invalid value ${value}; Float cannot represent ${value}`;
    const shown = shortened(message);
    expect(shown).toMatch(
      /^Variable "\$a" got invalid value "x+…x+"; Float cannot represent "x+…x+"$/,
    );
    expect(shown.match(/x/g)?.length).toBeLessThanOrEqual(ECHO_CHARS_MAX);
  });

  it('keeps an escaped quotation mark within its quotation', () => {
    const shown = shortened(`Syntax Error: Unexpected String "${'a\\"'.repeat(500)}" here.`);
    expect(shown.length).toBeLessThanOrEqual(FOREIGN_MESSAGE_CHARS_MAX);
    expect(shown).toMatch(/^Syntax Error: Unexpected String ".*" here\.$/);
  });

  it('is cut in a quotation that does not end, however many marks are in it', () => {
    const shown = shortened(`Field "a" and "${'\\"'.repeat(1_000_000)}`);
    expect(shown).toMatch(/^Field "a" and "[\\"]+…[\\"]+$/);
    expect(shown.length).toBeLessThanOrEqual(FOREIGN_MESSAGE_CHARS_MAX);
  });

  it('is never longer than the limit', () => {
    const piece = fc.constantFrom('"', '\\', 'a', ' ', '\n', 'Variable', '"x"', '{', '…');
    const text = fc.array(piece, { maxLength: 2_000 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (message) => {
        expect(shortened(message).length).toBeLessThanOrEqual(FOREIGN_MESSAGE_CHARS_MAX);
      }),
    );
  });

  it('has no half of a character, wherever it is cut and whatever was sent', () => {
    const text = fc.array(fc.constantFrom('😀', 'a', '"', '\ud83d', '\ude00'), { maxLength: 500 });
    fc.assert(
      fc.property(text, (pieces) => {
        const sent = new GraphQLError(pieces.join(''));
        const inField = new GraphQLError(pieces.join(''), { path: ['a'] });
        const told = [
          codedError('GRAPHQL_VALIDATION_FAILED', sent),
          protocolError('BAD_REQUEST', pieces.join('')),
          maskError(sent),
          maskError(inField),
        ];
        for (const { message } of told) expect(message.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('the message of GraphQL about a long', () => {
  const long = 'x'.repeat(100_000);
  const messageOf = (query: string): string => {
    try {
      return validate(schema, parse(query)).map(({ message }) => message)[0] ?? '';
    } catch (error) {
      return error instanceof GraphQLError ? error.message : '';
    }
  };

  it.each([
    ['name', `{ ${long} }`],
    ['argument', `{ customer(customerId: "a" ${long}: 1) { name } }`],
    [
      'enum value',
      `mutation { createFeature(input: { featureId: "a", name: "a", type: ${long} }) { __typename } }`,
    ],
    ['string for a number', `{ events(first: "${long}") { edges { cursor } } }`],
    [
      'object',
      `{ events(first: { a: "${long}", b: [${'1 '.repeat(900)}] }) { edges { cursor } } }`,
    ],
    ['word in the wrong place', `{ __typename } ${long}`],
    ['type', `query ($a: ${long}) { customer(customerId: $a) { name } }`],
    ['fragment', `{ ...${long} }`],
  ])('%s is short', (_what, query) => {
    const message = messageOf(query);
    expect(message).toContain(long.slice(0, 1_000));
    expect(shortened(message).length).toBeLessThanOrEqual(FOREIGN_MESSAGE_CHARS_MAX);
    expect(shortened(message).match(/x/g)?.length).toBeLessThanOrEqual(ECHO_CHARS_MAX + 20);
  });
});

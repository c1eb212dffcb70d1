/** What is told of the errors of an operation. */
import { GraphQLError } from 'graphql';
import { expect, it } from 'vitest';
import { protocolError } from '../../src/http/errors.js';
import { ERRORS_MAX, toldErrors } from '../../src/http/told-errors.js';

const refused = (index: number) =>
  new GraphQLError(`error ${index}`, {
    path: ['a', index],
    extensions: { code: 'BAD_USER_INPUT' },
  });

const many = (count: number) => Array.from({ length: count }, (_, index) => refused(index));

const messages = (errors: readonly GraphQLError[]) => errors.map(({ message }) => message);

it('as many errors as there may be are told one by one', () => {
  const errors = many(ERRORS_MAX);
  expect(toldErrors(errors, null)).toEqual(errors);
});

it('of more, the first are told, and how many there are', () => {
  const told = messages(toldErrors(many(ERRORS_MAX + 5), null));
  expect(told).toHaveLength(ERRORS_MAX + 1);
  expect(told.at(-2)).toBe(`error ${ERRORS_MAX - 1}`);
  expect(told.at(-1)).toBe(`There are ${ERRORS_MAX + 5} errors; the others are omitted.`);
});

it('the reason for which an operation was stopped is told once, whatever it is wrapped in', () => {
  const stopped = protocolError('RESULT_TOO_LARGE');
  const wrapped = (path: string) =>
    new GraphQLError(stopped.message, { path: [path], originalError: stopped });
  const told = toldErrors([refused(1), wrapped('b'), stopped, wrapped('c'), refused(2)], stopped);
  expect(messages(told)).toEqual(['error 1', stopped.message, 'error 2']);
});

it('what nobody foresaw is not told', () => {
  const [told] = toldErrors([new GraphQLError('x', { originalError: new Error('secret') })], null);
  expect(told?.message).toBe('Unexpected error.');
});

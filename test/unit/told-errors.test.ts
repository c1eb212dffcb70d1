/** Which errors of an operation the client gets. */
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

it('errors up to the limit are returned one by one', () => {
  const errors = many(ERRORS_MAX);
  expect(toldErrors(errors, null)).toEqual(errors);
});

it('beyond the limit, the first errors and their total number are returned', () => {
  const returned = messages(toldErrors(many(ERRORS_MAX + 5), null));
  expect(returned).toHaveLength(ERRORS_MAX + 1);
  expect(returned.at(-2)).toBe(`error ${ERRORS_MAX - 1}`);
  expect(returned.at(-1)).toBe(`There are ${ERRORS_MAX + 5} errors; the others are omitted.`);
});

it('the reason why an operation was stopped is returned once, whatever it is wrapped in', () => {
  const stopped = protocolError('RESULT_TOO_LARGE');
  const wrapped = (path: string) =>
    new GraphQLError(stopped.message, { path: [path], originalError: stopped });
  const returned = toldErrors(
    [refused(1), wrapped('b'), stopped, wrapped('c'), refused(2)],
    stopped,
  );
  expect(messages(returned)).toEqual(['error 1', stopped.message, 'error 2']);
});

it('the cause of an unexpected error is not returned', () => {
  const [returned] = toldErrors(
    [new GraphQLError('x', { originalError: new Error('secret') })],
    null,
  );
  expect(returned?.message).toBe('Unexpected error.');
});

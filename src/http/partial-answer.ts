/** Answers with errors beside them: an operation of which a part was done. */
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

export function usePartialAnswers(): Plugin {
  return {
    onResultProcess: ({ result }) => keepOkStatus(result),
  };
}

/**
 * A result that answers anything is sent with 200, as GraphQL over HTTP wants it: who gets a 503
 * sends all of it again, the uses without a key that were recorded included. Where nothing at all
 * was answered, the status of the errors stands for the request.
 */
export function keepOkStatus(result: object | undefined): void {
  if (result === undefined || !('errors' in result) || !Array.isArray(result.errors)) return;
  if (!('data' in result) || !hasAnswer(result.data)) return;
  for (const error of result.errors) {
    if (error instanceof GraphQLError) delete error.extensions['http'];
  }
}

function hasAnswer(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.values(data).some(isAnswer);
}

/** A batch of which every item failed answers nothing. */
function isAnswer(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
    ? value.some((item) => item !== null)
    : value !== null;
}

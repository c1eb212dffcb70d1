/** Runs operations for both adapters: there is no other executor. */
import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { planOf } from './execute/plan.js';
import { Run } from './execute/run.js';
import { type AnswerSize, UNCOUNTED } from './execute/size.js';

export interface ExecuteOptions
  extends Pick<
    ExecutionArgs,
    'schema' | 'document' | 'operationName' | 'variableValues' | 'contextValue' | 'rootValue'
  > {
  readonly answerSize?: AnswerSize;
}

/**
 * Runs an operation of a valid document as graphql-js' `execute` does, following a plan that is made once.
 * The result has no `data` if nothing was executed, and is returned synchronously if no resolver had to
 * wait.
 */
export function executeOperation(
  options: ExecuteOptions,
): ExecutionResult | Promise<ExecutionResult> {
  const { schema, document, operationName, variableValues } = options;
  const plan = planOf(schema, document, operationName ?? null);
  // It has no operation that answers once: graphql-js says what is wrong.
  if (plan === null) return execute(options);
  const read = plan.readVariables(variableValues ?? {});
  if (read.errors !== undefined) return { errors: read.errors };
  const variables = read.values;
  const selections = plan.selectionsFor(variables);
  const { contextValue, rootValue, answerSize = UNCOUNTED } = options;
  return new Run({ plan, selections, variables, contextValue, rootValue, answerSize }).start();
}

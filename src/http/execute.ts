/** What runs an operation, whichever adapter asks: there is no other executor. */
import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql';

/**
 * Runs an operation of a valid document. The result has no `data` where nothing was executed, and is
 * there at once where no resolver had to wait.
 */
export function executeOperation(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
  return execute(args);
}

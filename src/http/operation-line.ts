/** What the log has of an operation: nothing of its variables, of what it read, or of its headers. */
import type { Caller } from '../meter/verb.js';
import type { CarryingBatch } from '../meter/write/carrying-batch.js';
import type { Operation } from './document.js';
import type { OperationCost } from './field-count/field-count.js';
import { costTold } from './field-count/refusals.js';
import { mayBeSecret } from './may-be-secret.js';

/** An operation that is over. What it has not got as far as is null. */
export interface EndedOperation {
  readonly requestId: string;
  readonly caller: Pick<Caller, 'projectId' | 'keyId'> | null;
  readonly operation: Pick<Operation, 'name' | 'isMutation'> | null;
  readonly costOf: (() => Pick<OperationCost, 'requested'>) | null;
  /** The code of its first error; undefined if there is none. */
  readonly outcome: unknown;
  readonly errorCount: number;
  readonly batches: readonly CarryingBatch[];
  /** Undefined if it is not traced. */
  readonly traceId?: string | undefined;
}

export function factsOf(ended: EndedOperation, status: number, durationMs: number): object {
  const { requestId, caller, operation, costOf, outcome, errorCount, batches, traceId } = ended;
  return {
    requestId,
    projectId: caller?.projectId ?? null,
    keyId: caller?.keyId ?? null,
    operation: nameOf(operation?.name),
    kind: operation === null ? null : operation.isMutation ? 'mutation' : 'query',
    cost: costOf === null ? null : costTold(costOf().requested),
    outcome: outcome ?? 'OK',
    status,
    ...(errorCount > 1 && { errors: errorCount }),
    durationMs: Math.round(durationMs * 1_000) / 1_000,
    ...(batches.length > 0 && { batches: batches.map(({ id }) => id) }),
    ...(traceId !== undefined && { traceId }),
  };
}

/** The longest name of an operation that is logged: clients choose it. */
const OPERATION_CHARS_MAX = 100;

/** GraphQL allows only letters, digits and `_` in it. */
export function nameOf(name: string | undefined): string | null {
  if (name === undefined) return null;
  return mayBeSecret(name) ? '(may be a secret)' : name.slice(0, OPERATION_CHARS_MAX);
}

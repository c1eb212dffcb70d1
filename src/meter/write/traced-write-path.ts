import type { Tracing } from '../../tracing/tracing.js';
import type { Transaction, WritePath } from './write-path.js';

/** A span for each statement of a batch that is recorded. */
export function tracedWritePath(store: WritePath, tracing: Tracing): WritePath {
  return {
    catalog: (projectId) => tracing.statement('catalog', 1, () => store.catalog(projectId)),
    load: (requests) => tracing.statement('load', requests.length, () => store.load(requests)),
    commit: (changes, nextVersion) =>
      tracing.statement('commit', changes.length, () => store.commit(changes, nextVersion)),
    transaction: (customerKey, run) =>
      tracing.statement('transaction', 1, () =>
        store.transaction(customerKey, (transaction) =>
          run(tracedTransaction(transaction, tracing)),
        ),
      ),
  };
}

function tracedTransaction(transaction: Transaction, tracing: Tracing): Transaction {
  return {
    load: (requests, options) =>
      tracing.statement('load', requests.length, () => transaction.load(requests, options)),
    commit: (changes, nextVersion) =>
      tracing.statement('commit', changes.length, () => transaction.commit(changes, nextVersion)),
    deleteCustomer: (scope, deletion) =>
      tracing.statement('delete', 1, () => transaction.deleteCustomer(scope, deletion)),
  };
}

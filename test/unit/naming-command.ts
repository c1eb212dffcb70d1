import type { Account } from '../../src/domain/account.js';
import type { Instant } from '../../src/domain/interval.js';
import type { Refusal } from '../../src/domain/refusal.js';
import { Command, type Decision, type Idempotency } from '../../src/meter/write/command.js';
import { JsonText } from '../../src/platform/json-text.js';
import { NOW } from './given.js';

const NO_METADATA = JsonText.of({});

/** Writes an entity with its name, and answers with that name and the customer's version. */
export class Naming extends Command<string> {
  readonly name: string;
  readonly scope;
  readonly bytes = 1;
  override readonly idempotency: Idempotency | null;
  override readonly underLock: boolean;
  override readonly decisionChangesAt: Instant | null;
  readonly refusal: Refusal | null;

  constructor(name: string, options: NamingOptions = {}) {
    super();
    const { key = null, underLock = false, projectId = 'p' } = options;
    this.decisionChangesAt = options.decisionChangesAt ?? null;
    this.refusal = options.refusal ?? null;
    this.name = name;
    this.scope = { projectId, customerKey: name };
    this.idempotency = key === null ? null : { key, fingerprint: { name } };
    this.underLock = underLock;
  }

  refuse(): Refusal | null {
    return this.refusal;
  }

  decide(account: Account): Decision<string> {
    const entity = {
      id: this.name,
      name: null,
      metadata: NO_METADATA,
      createdAt: NOW,
      deletedAt: null,
    };
    return {
      changes: { account, rows: { entities: [entity] } },
      storedResult: () => JSON.stringify(this.name),
      result: () => ({ ok: true, value: `${this.name} at ${account.version}` }),
    };
  }

  replay(storedResult: unknown) {
    return { ok: true, value: `${storedResult} again` } as const;
  }
}

interface NamingOptions {
  readonly projectId?: string;
  readonly key?: string | null;
  readonly underLock?: boolean;
  readonly decisionChangesAt?: Instant;
  readonly refusal?: Refusal;
}

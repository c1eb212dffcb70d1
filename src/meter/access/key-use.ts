import type { Authenticate } from './authenticate.js';

/** When a key was last used, as far as this gateway knows. */
export interface KeyUse {
  readonly keyId: string;
  /** How long ago: the database's clock decides what time that was. */
  readonly agoMs: number;
}

/** `store/` implements it. */
export interface KeyUses {
  /** Records the last use of many keys, to the minute, in one statement. A later use that is already recorded stays. */
  record(uses: readonly KeyUse[]): Promise<void>;
}

export interface KeyUseOptions {
  readonly keyUses: KeyUses;
  readonly monotonicMs: () => number;
  /** Called once for failures that follow one another: until a statement succeeds again. */
  readonly onFailure: (error: unknown) => void;
}

export interface KeyUseRecorder {
  /** Remembers the use. Writes nothing, and never fails. */
  used(keyId: string): void;
  /** Writes all uses that wait, and nothing after that. Never fails. */
  stop(): Promise<void>;
}

/** How often uses are written, in one statement for all keys. */
const INTERVAL_MS = 60_000;

/** Keys whose use can wait to be written; the one that was used first makes room for another. */
export const REMEMBERED_MAX = 10_000;

/** Calls cost no statement: uses are collected in memory, and written once a minute while there are any. */
export function createKeyUseRecorder(options: KeyUseOptions): KeyUseRecorder {
  const { keyUses, monotonicMs, onFailure } = options;
  let lastUses = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let hasFailed = false;
  let isStopped = false;

  function used(keyId: string): void {
    remember(keyId, monotonicMs());
    if (timer === null && !isStopped) timer = setTimeout(write, INTERVAL_MS).unref();
  }

  function remember(keyId: string, at: number): void {
    if (lastUses.size >= REMEMBERED_MAX && !lastUses.has(keyId)) {
      const [first] = lastUses.keys();
      if (first !== undefined) lastUses.delete(first);
    }
    lastUses.set(keyId, at);
  }

  function write(): void {
    writing = writeUses().finally(() => {
      writing = null;
      timer = null;
      // Whatever was used meanwhile, and what could not be written, waits for a whole interval.
      if (lastUses.size > 0 && !isStopped) timer = setTimeout(write, INTERVAL_MS).unref();
    });
  }

  async function writeUses(): Promise<void> {
    const uses = lastUses;
    if (uses.size === 0) return;
    lastUses = new Map();
    const now = monotonicMs();
    try {
      await keyUses.record([...uses].map(([keyId, at]) => ({ keyId, agoMs: now - at })));
      hasFailed = false;
    } catch (error) {
      for (const [keyId, at] of uses) if (!lastUses.has(keyId)) remember(keyId, at);
      if (!hasFailed) onFailure(error);
      hasFailed = true;
    }
  }

  return {
    used,
    async stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await writing;
      await writeUses();
    },
  };
}

/** Remembers the use of every key that is valid, whatever its call turns out to be. */
export function rememberingUse(
  authenticate: Authenticate,
  recorder: Pick<KeyUseRecorder, 'used'>,
): Authenticate {
  const remember = (caller: Awaited<ReturnType<Authenticate>>) => {
    if (caller?.keyId !== undefined) recorder.used(caller.keyId);
    return caller;
  };
  return (secret, customerToken) => {
    const caller = authenticate(secret, customerToken);
    return caller instanceof Promise ? caller.then(remember) : remember(caller);
  };
}

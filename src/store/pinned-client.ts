import pg from 'pg';
import { sha256Hex } from '../platform/digest.js';
import { NOT_BEGUN_STATE } from './failure.js';
import type { PinsFor } from './settings.js';

/** Errors of a pooler that does not keep prepared statements: no statement has that name, or another one does. */
const UNPREPARED_STATES = new Set(['26000', '42P05']);

/** Errors with which the server ends a session: it shuts down, or the session was terminated or idle for too long. */
const FATAL_STATES = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '25P04']);

/** The server accepts no writes: after a failover, the next connection may reach the one that does. */
const READ_ONLY_STATE = '25006';

/** Cached names. */
const KNOWN_MAX = 1_000;

/** The names under which a pool prepares statements, until it turns out that a pooler loses prepared statements. */
export class StatementNames {
  readonly #onLost: () => void;
  readonly #known = new Map<string, string>();
  #areKept: boolean;

  constructor(onLost: () => void, areKept = true) {
    this.#onLost = onLost;
    this.#areKept = areKept;
  }

  /** 63 bytes are PostgreSQL's limit. */
  of(text: string): string | undefined {
    if (!this.#areKept || text === '') return undefined;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const name = `t${sha256Hex(text).slice(0, 32)}`;
    // The number of texts is bounded, except for lists, whose lengths vary.
    if (this.#known.size < KNOWN_MAX) this.#known.set(text, name);
    return name;
  }

  heed(error: unknown): void {
    const state = error instanceof Object && 'code' in error ? String(error.code) : '';
    if (!this.#areKept || !UNPREPARED_STATES.has(state)) return;
    this.#areKept = false;
    this.#onLost();
  }
}

/** For connections that are used once. */
export const noNames = (): StatementNames => new StatementNames(() => undefined, false);

/**
 * A client whose every transaction begins with the pins. They are sent ahead of its first statement in the same
 * message, so they cost no round trip, and a pooler that gives each transaction another connection cannot separate them.
 */
export function pinnedClient(pinsFor: PinsFor, names: StatementNames) {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      const session: Session = {
        pinsFor,
        names,
        isWarm: false,
        isIdle: () => this.getTransactionStatus() === 'I',
        end: () => void this.end(),
        pinsSent: new Set(),
        pinsPrepared: new Set(),
      };
      this.query = pinning(this.query.bind(this), session);
    }
  };
}

interface Session {
  readonly pinsFor: PinsFor;
  readonly names: StatementNames;
  /** Whether pins have run. The first ones take so long that they may fail, and those that had been prepared could not be again. */
  isWarm: boolean;
  /** Whether the next statement begins a transaction, even one of that statement alone. */
  readonly isIdle: () => boolean;
  readonly end: () => void;
  /** Sent under a name. An error leaves open which of them the server has prepared: that is not undone. */
  readonly pinsSent: Set<string>;
  /** Those that have also run. */
  readonly pinsPrepared: Set<string>;
}

/** Takes and returns what pg's method does, which is why the signature is the same. */
function pinning(submit: pg.Client['query'], session: Session): pg.Client['query'] {
  const pinned = (config: unknown, values: unknown, callback: unknown) => {
    const query = new PinnedQuery(config, values, callback);
    query.session = session;
    if (query.callback !== undefined) return submit(query);
    return new Promise((resolve, reject) => {
      query.callback = (error, result) => (error === null ? resolve(result) : reject(error));
      submit(query);
    });
  };
  return pinned as pg.Client['query'];
}

/** The messages of pg's connection; its types require arguments that it has not had for years. */
interface Wire {
  close(statement: { readonly type: 'S'; readonly name: string }): void;
  parse(statement: { readonly name: string; readonly text: string }): void;
  bind(portal: { readonly statement: string; readonly values: readonly [] }): void;
  execute(portal: { readonly portal: string }): void;
}

/** The part of pg's Query that is used here; its types omit it. */
interface BaseQuery extends pg.Submittable {
  readonly text: string;
  name: string | undefined;
  callback: ((error: Error | null, result: unknown) => void) | undefined;
  submit(wire: unknown): Error | null;
  requiresPreparation(): boolean;
  prepare(wire: Wire): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, wire: Wire): void;
  handleError(error: unknown, wire: Wire): void;
}

/** Its exact version is in package.json, and test/store/pinned-client.test.ts shows that it works like that. */
const Query = pg.Query as unknown as new (
  config: unknown,
  values: unknown,
  callback: unknown,
) => BaseQuery;

class PinnedQuery extends Query {
  session: Session | undefined;
  /** Null if it continues a transaction. */
  #pins: readonly string[] | null = null;
  /** Pins whose results have not arrived yet. */
  #pinsAhead = 0;

  override submit(wire: unknown): Error | null {
    const { session } = this;
    if (session !== undefined) {
      this.#pins = session.isIdle() ? session.pinsFor(this.text) : null;
      // pg takes the first statement that the server has parsed for this one. So until the pins are prepared, this one
      // has no name.
      const isFirst = this.#pins?.some((text) => !session.pinsPrepared.has(text)) ?? false;
      this.name = isFirst ? undefined : session.names.of(this.text);
    }
    return super.submit(wire);
  }

  override requiresPreparation(): boolean {
    return this.#pins !== null || super.requiresPreparation();
  }

  override prepare(wire: Wire): void {
    const { session } = this;
    if (this.#pins !== null && session !== undefined) this.#sendPins(wire, session, this.#pins);
    super.prepare(wire);
  }

  #sendPins(wire: Wire, session: Session, pins: readonly string[]): void {
    const { names, pinsSent, pinsPrepared, isWarm } = session;
    for (const text of pins) {
      const name = (isWarm && names.of(text)) || '';
      if (name === '' || !pinsPrepared.has(text)) {
        // It may be there or not; closing one that is not there is no error.
        if (name !== '' && pinsSent.has(text)) wire.close({ type: 'S', name });
        if (name !== '') pinsSent.add(text);
        wire.parse({ name, text });
      }
      wire.bind({ statement: name, values: [] });
      wire.execute({ portal: '' });
    }
    this.#pinsAhead = pins.length;
  }

  override handleDataRow(message: unknown): void {
    if (this.#pinsAhead === 0) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, wire: Wire): void {
    if (this.#pinsAhead === 0) {
      super.handleCommandComplete(message, wire);
      return;
    }
    this.#pinsAhead -= 1;
    if (this.#pinsAhead > 0) return;
    const { session } = this;
    if (session === undefined) return;
    if (session.isWarm) for (const text of this.#pins ?? []) session.pinsPrepared.add(text);
    session.isWarm = true;
  }

  override handleError(error: unknown, wire: Wire): void {
    this.session?.names.heed(error);
    // The server has ended the session, or is the wrong one. The pool must not hand the connection out again.
    if (isLast(error)) this.session?.end();
    // The limit is the role's or the database's, which is lifted by the pins.
    if (this.#pinsAhead > 0 && isTimeout(error)) error.code = NOT_BEGUN_STATE;
    super.handleError(error, wire);
  }
}

function isTimeout(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code === '57014';
}

/** By the code: the severity is in the server's language. */
function isLast(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  const { code = '' } = error;
  return FATAL_STATES.has(code) || code === READ_ONLY_STATE;
}

/** Loses a reply of the database, after the statement has been carried out, in whatever way a connection can break. */
import type { Duplex } from 'node:stream';
import type pg from 'pg';

/** A reply by how it ends: the tag of its last command, and whether the session is idle or in a transaction. */
export interface Reply {
  readonly tag: RegExp;
  readonly status: 'I' | 'T';
}

/** The error with which the socket fails, bytes that arrive instead of the reply, or what happens right before it arrives. */
export type Loss = Error | Buffer | (() => void);

/** A row of five columns that ends before the first. */
export const UNREADABLE = Buffer.from([0x44, 0, 0, 0, 6, 0, 5]);

export interface LostReplies {
  /** Loses the first such reply; later ones are only counted. */
  lose(reply: Reply, loss: Loss): void;
  /** How many such replies there have been, the lost one included. */
  count(): number;
}

export function losingReplies(pool: pg.Pool): LostReplies {
  let armed: Reply | null = null;
  let loss: Loss | null = null;
  let count = 0;

  function watch(stream: Duplex): void {
    const emit = stream.emit.bind(stream);
    const deliver = (bytes: Buffer) => emit('data', bytes);
    let held = Buffer.alloc(0);
    const take = (bytes: Buffer): boolean => {
      held = Buffer.concat([held, bytes]);
      const status = endOf(held);
      if (status === null) return true;
      const whole = held;
      held = Buffer.alloc(0);
      if (armed?.status !== status || !armed.tag.test(tagsOf(whole))) return deliver(whole);
      count += 1;
      const lost = loss;
      loss = null;
      if (lost === null) return deliver(whole);
      if (lost instanceof Error) stream.destroy(lost);
      else if (typeof lost !== 'function') deliver(lost);
      else {
        lost();
        deliver(whole);
      }
      return true;
    };
    stream.emit = (event: string | symbol, ...args: unknown[]) =>
      event === 'data' && args[0] instanceof Buffer ? take(args[0]) : emit(event, ...args);
  }

  pool.on('connect', (client) => watch(client.connection.stream));
  return {
    lose(reply, how) {
      [armed, loss, count] = [reply, how, 0];
    },
    count: () => count,
  };
}

/** The status in ReadyForQuery, which is the last message of every reply; null if that has not arrived yet. */
function endOf(bytes: Buffer): string | null {
  const end = bytes.subarray(-6);
  return end.length === 6 && end.subarray(0, 5).equals(READY) ? end.toString('latin1', 5) : null;
}

const READY = Buffer.from([0x5a, 0, 0, 0, 5]);

/** The tags of the commands, such as "SELECT 1", each on a line. */
function tagsOf(bytes: Buffer): string {
  const tags: string[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    if (bytes[at] !== 0x43) continue;
    tags.push(bytes.toString('latin1', at + 5, at + bytes.readInt32BE(at + 1)));
  }
  return tags.join('\n');
}

/** The sockets on which pg talks to a server. */
import { Socket } from 'node:net';

/**
 * A socket whose reader may fail: what pg throws about a message that it cannot read breaks the connection. It would
 * otherwise end the process, because nothing is waiting for it.
 */
export class GuardedSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    try {
      return super.emit(event, ...args);
    } catch (error) {
      if (event !== 'data' || !(error instanceof Error)) throw error;
      const { message } = error;
      this.destroy(Object.assign(new Error(message, { cause: error }), { code: 'EPROTO' }));
      return true;
    }
  }
}

/**
 * A socket that gives up when nothing has been sent or received for that long. A network that drops packets
 * would otherwise block a call for as long as the kernel retransmits: a quarter of an hour.
 */
export function watchedSocket(silenceMs: number): Socket {
  const socket = new GuardedSocket();
  socket.setTimeout(silenceMs, () => {
    const reason = `The database has been silent for ${silenceMs} ms`;
    socket.destroy(Object.assign(new Error(reason), { code: 'ETIMEDOUT' }));
  });
  return socket;
}

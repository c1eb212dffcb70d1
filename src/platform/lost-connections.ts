import type { ChildProcess } from 'node:child_process';

/**
 * Closes a connection that was being passed to a worker when the worker died. The primary process keeps its
 * own copy until the worker has confirmed it, and node:cluster (Node 20) then waits forever, and so does
 * the caller. It passes a worker one connection at a time, so only the last one can be lost; one
 * that has arrived is closed here already, and closing it again does nothing.
 */
export function closeLostConnection(worker: ChildProcess): void {
  let last: { close(): void } | undefined;
  const send = worker.send.bind(worker);
  worker.send = sameSignature(send, (message, handle) => {
    if (isNewConnection(message) && isHandle(handle)) last = handle;
  });
  worker.once('exit', () => last?.close());
}

/** Passes every argument on unchanged, which is why the signature is the same. */
function sameSignature(
  send: ChildProcess['send'],
  look: (message: unknown, handle: unknown) => void,
): ChildProcess['send'] {
  const looking = (...args: unknown[]) => {
    look(args[0], args[1]);
    return Reflect.apply(send, undefined, args);
  };
  return looking as ChildProcess['send'];
}

function isNewConnection(message: unknown): boolean {
  return message instanceof Object && 'act' in message && message.act === 'newconn';
}

function isHandle(value: unknown): value is { close(): void } {
  return value instanceof Object && 'close' in value && typeof value.close === 'function';
}

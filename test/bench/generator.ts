/** The side of a generator: it takes orders from the benchmark, one after the other, until that lets go. */
import type { FromGenerator, LoadResult, Order } from './protocol.js';

/** Runs every order that comes, and says when its warm-up is over and what it saw. */
export function runGenerator<Kind extends Order>(
  run: (order: Kind, onMeasuring: () => void) => Promise<LoadResult>,
): void {
  process.on('message', (order: Kind) => {
    run(order, () => send({ kind: 'MEASURING' })).then(
      (result) => send({ kind: 'RESULT', result }),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  // A benchmark that is killed must leave nothing behind.
  process.on('disconnect', () => process.exit());
}

function send(message: FromGenerator): void {
  process.send?.(message);
}

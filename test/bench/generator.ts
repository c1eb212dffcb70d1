/** The side of a generator: it takes orders from the benchmark, one after the other, until that lets go. */
import type { FromGenerator, LoadResult, Order } from './protocol.js';

/** Says when the measured part of an order begins, and when it ends. */
export interface Marks {
  begin(): void;
  end(): void;
}

const MARKS: Marks = {
  begin: () => send({ kind: 'MEASURING' }),
  end: () => send({ kind: 'MEASURED' }),
};

/** Runs every order that comes. */
export function runGenerator<Kind extends Order>(
  run: (order: Kind, marks: Marks) => Promise<LoadResult>,
): void {
  process.on('message', (order: Kind) => {
    run(order, MARKS).then(
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

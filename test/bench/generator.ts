/** The generator's side: it takes orders from the benchmark one by one until the benchmark disconnects. */
import type { FromGenerator, LoadResult, Order } from './protocol.js';

/** Reports when the measured part of an order begins and ends. */
export interface Marks {
  begin(): void;
  end(): void;
}

const MARKS: Marks = {
  begin: () => send({ kind: 'MEASURING' }),
  end: () => send({ kind: 'MEASURED' }),
};

/** Runs every order that is received. */
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

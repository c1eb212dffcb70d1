/** Runs as many cases as requested: `npm run fuzz -- --cases 1000000 --seed 1`. */
import { parseArgs } from 'node:util';
import { executeOperation } from '../../../src/http/execute.js';
import { schema } from '../../../src/schema/index.js';
import { fuzz } from './differential.js';
import { mockSchema } from './mock-schema.js';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
});

// Millions of errors are created, and their stacks are not used.
Error.stackTraceLimit = 0;

/** Creating and validating a document takes longer than a few runs of it. */
const VARIABLES_PER_OPERATION = 10;

const { difference, tally } = await fuzz({
  schema: mockSchema(schema),
  executor: executeOperation,
  seed: Number(values.seed),
  cases: Number(values.cases),
  variablesPerOperation: VARIABLES_PER_OPERATION,
  onProgress: ({ documents, cases, runs }) => {
    process.stdout.write(`${documents} documents, ${cases} cases, ${runs} runs\n`);
  },
});
process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), ...tally })}\n`);
if (difference !== null) {
  process.stdout.write(`${JSON.stringify(difference, null, 2)}\n`);
  process.exitCode = 1;
}

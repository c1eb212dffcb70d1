/** Runs generated operations with two executors and compares everything observable. */
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { parseJson } from '../../../src/http/json.js';
import { type Random, randomOf } from '../random/random.js';
import { documentOf, type FuzzDocument, type FuzzOperation } from './documents.js';
import type { MockContext } from './mock-world.js';
import { variablesOf } from './variables.js';
import { PLAIN_VOCABULARY } from './vocabulary.js';

export type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

export interface FuzzOptions {
  /** Created by `mockSchema`. */
  readonly schema: GraphQLSchema;
  readonly executor: Execute;
  readonly seed: number;
  /** Operations times variables. */
  readonly cases: number;
  /** One operation in this many is run 25 times; 60 by default. */
  readonly oftenOnceIn?: number;
  /** The number of sets of variables per operation; 4 by default. */
  readonly variablesPerOperation?: number;
  readonly onProgress?: (tally: FuzzTally) => void;
}

export interface FuzzTally {
  readonly documents: number;
  /** Documents that validation refused and that were not run. */
  readonly invalid: number;
  readonly cases: number;
  readonly runs: number;
  /** Cases whose answer has data; `withErrors` counts those with errors. */
  readonly withData: number;
  readonly withErrors: number;
  readonly mutations: number;
}

/** A case in which the two differ, with everything needed to reproduce it. */
export interface Difference {
  readonly seed: number;
  readonly document: string;
  readonly operationName: string | null;
  readonly variables: string;
  /** The number of the run of the operation. */
  readonly run: number;
  readonly expected: string;
  readonly found: string;
}

const VARIABLES_PER_OPERATION = 4;

/** One operation in this many runs so often that another executor would once have taken over. */
const OFTEN_ONCE_IN = 60;
const OFTEN_RUNS = 25;

type Counted = { -readonly [Name in keyof FuzzTally]: FuzzTally[Name] };

/** The first difference, or null, and what was compared. */
export async function fuzz(
  options: FuzzOptions,
): Promise<{ readonly difference: Difference | null; readonly tally: FuzzTally }> {
  const tally: Counted = {
    documents: 0,
    invalid: 0,
    cases: 0,
    runs: 0,
    withData: 0,
    withErrors: 0,
    mutations: 0,
  };
  while (tally.cases < options.cases) {
    const random = randomOf(options.seed + tally.documents);
    const { schema } = options;
    const made = documentOf({ schema, random, vocabulary: PLAIN_VOCABULARY });
    tally.documents += 1;
    const document = parse(made.text);
    if (validate(schema, document).length > 0) tally.invalid += 1;
    else {
      const difference = await runDocument({ options, tally, made, document, random });
      if (difference !== null) return { difference, tally };
    }
    if (tally.documents % 1_000 === 0) options.onProgress?.(tally);
  }
  return { difference: null, tally };
}

/** Read as by the server. */
function variableValuesOf(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

interface Running {
  readonly options: FuzzOptions;
  readonly tally: Counted;
  readonly made: FuzzDocument;
  readonly document: ExecutionArgs['document'];
  readonly random: Random;
}

async function runDocument(running: Running): Promise<Difference | null> {
  for (const operation of running.made.operations) {
    const difference = await runOperation(running, operation);
    if (difference !== null) return difference;
  }
  return null;
}

async function runOperation(
  { options, tally, made, document, random }: Running,
  operation: FuzzOperation,
): Promise<Difference | null> {
  const vocabulary = PLAIN_VOCABULARY;
  const { variablesPerOperation = VARIABLES_PER_OPERATION } = options;
  const sets = Array.from({ length: variablesPerOperation }, (_, index) =>
    variablesOf(operation, { random, vocabulary, oddOnceIn: index === 0 ? 0 : 12 }),
  );
  const { schema, executor } = options;
  const base = { schema, document, operationName: operation.name };
  const seed = random.whole(0, 2 ** 30);
  const expected: string[] = [];
  for (const variables of sets) {
    const seen = await observe(execute, base, variables, seed);
    expected.push(seen);
    tally.cases += 1;
    tally.mutations += Number(operation.isMutation);
    tally.withErrors += Number(seen.includes('"errors":'));
    tally.withData += Number(seen.includes('"data":{'));
  }
  const runs = random.once(options.oftenOnceIn ?? OFTEN_ONCE_IN)
    ? OFTEN_RUNS
    : variablesPerOperation + 1;
  for (let run = 0; run < runs; run += 1) {
    const variables = sets[run % sets.length] ?? '{}';
    const found = await observe(executor, base, variables, seed);
    tally.runs += 1;
    const wanted = expected[run % sets.length] ?? '';
    if (found !== wanted) {
      const { name: operationName } = operation;
      const where = {
        seed: options.seed + tally.documents - 1,
        document: made.text,
        operationName,
      };
      return { ...where, variables, run, expected: wanted, found };
    }
  }
  return null;
}

/** The bytes of the answer, the causes of its errors, and the resolver calls in order. */
async function observe(
  executor: Execute,
  base: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName'>,
  variables: string,
  seed: number,
): Promise<string> {
  const context: MockContext = { seed, calls: [] };
  // Read again each time, because a resolver may change them.
  const variableValues = variableValuesOf(variables);
  const result = await executor({ ...base, variableValues, contextValue: context });
  const causes = (result.errors ?? []).map(
    ({ originalError, nodes }) =>
      `${originalError?.message} ${nodes?.map(({ loc }) => loc?.start)}`,
  );
  return [JSON.stringify(result), ...causes, ...context.calls].join('\n');
}

import type { Mutant } from '../mutant.js';

const SHAPES = ['graphql/traces.test.ts'];
const SHARED = ['graphql/traces-shared.test.ts'];
const FAILING = ['graphql/traces-failing.test.ts'];

export const TRACING: readonly Mutant[] = [
  {
    guarantee: 'nothing of OpenTelemetry is called where no SDK is registered',
    file: 'src/tracing/registered.ts',
    find: 'return isNone ? null : new Tracing',
    replace: 'return isNone === null ? null : new Tracing',
    tests: FAILING,
  },
  {
    guarantee: 'a failing SDK does not fail a call',
    file: 'src/tracing/spans.ts',
    find: '      this.#onFailure(error);\n',
    replace: '      throw error;\n',
    tests: FAILING,
  },
  {
    guarantee: 'the end of the process does not wait for an exporter that hangs',
    file: 'src/tracing/registered.ts',
    find: '[flush().catch(() => undefined), over]',
    replace: '[flush().catch(() => undefined)]',
    tests: FAILING,
  },
  {
    guarantee: 'the spans of a request end when its client leaves',
    file: 'src/http/answer.ts',
    find: '    this.#incoming.onEnd(() => trace.end());\n',
    replace: '',
    tests: SHAPES,
  },
  {
    guarantee: 'a mistake of a client is no error of the gateway',
    file: 'src/http/errors.ts',
    find: 'return FAULT_CODES.has(code);',
    replace: "return code !== 'OK';",
    tests: SHAPES,
  },
  {
    guarantee: 'only a caller with a valid key decides what is recorded',
    file: 'src/tracing/request-trace.ts',
    find: 'if (!this.#isBegun) this.#begin(ROOT_CONTEXT, {});',
    replace: 'if (!this.#isBegun) this.#begin(parentOf(this.#request), {});',
    tests: SHARED,
  },
  {
    guarantee: 'a trace is continued without its baggage',
    file: 'src/tracing/request-trace.ts',
    find: 'remote === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote)',
    replace:
      'remote === undefined ? ROOT_CONTEXT : propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, remote), propagation.createBaggage())',
    tests: SHARED,
  },
  {
    guarantee: 'the name of an operation whose document is not trusted is not told',
    file: 'src/http/answer.ts',
    find: 'counter.name === OTHER ? undefined : counter.name',
    replace: 'operation.name',
    tests: SHARED,
  },
  {
    guarantee:
      'a batch of calls that are not recorded is not recorded in the trace of an earlier one',
    file: 'src/tracing/tracing.ts',
    find: 'if (first === undefined) return context.with(ROOT_CONTEXT, work);',
    replace: 'if (first === undefined) return work();',
    tests: SHARED,
  },
  {
    guarantee: 'a call is linked to the batch that carried it',
    file: 'src/tracing/tracing.ts',
    find: '    for (const caller of callers) caller.linkTo(batch.link);\n',
    replace: '',
    tests: SHARED,
  },
  {
    guarantee: 'a batch has a bounded number of links',
    file: 'src/tracing/tracing.ts',
    find: '.slice(0, LINKS_MAX)',
    replace: '',
    tests: SHARED,
  },
  {
    guarantee: 'a span tells the code of an error, not its message',
    file: 'src/commands/tracing.ts',
    find: 'sqlState ?? (error instanceof Error ? error.name',
    replace: '(error instanceof Error ? error.message',
    tests: SHAPES,
  },
];

/** Which span something belongs to, as gateways tell each other. */
import { expect, it } from 'vitest';
import { spanContextOf, traceContextOf } from '../../src/tracing/trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

it.each([0, 1, 0xff])('a span with the flags %i arrives as it was told', (traceFlags) => {
  const context = { traceId: TRACE, spanId: SPAN, traceFlags };
  expect(spanContextOf(traceContextOf(context))).toEqual({ ...context, isRemote: true });
});

it.each(['', TRACE, `${TRACE}-${SPAN}`, `00-${TRACE}-${SPAN}-01`, `${TRACE}-${SPAN}-1g`])(
  'what is none, such as "%s", is no span',
  (told) => {
    expect(spanContextOf(told)).toBeNull();
  },
);

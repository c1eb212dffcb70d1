/** The traces that Apollo's gateways ask for, read with Apollo's own package. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { federatedTrace } from '../../src/http/federated-trace.js';

const packages = createRequire(new URL('package.json', import.meta.url));
const { Trace } = packages('@apollo/usage-reporting-protobuf');

describe('a trace', () => {
  it.each([0, 0.5, 42.125, 3_600_000])('of %d ms is what was measured', (durationMs) => {
    const endedAtMs = Date.UTC(2026, 10, 26, 20, 0, 0, 250);
    const fields = ['_entities', 'ünï'];
    const text = federatedTrace({ endedAtMs, durationMs, fields });
    const trace = Trace.toObject(Trace.decode(Buffer.from(text, 'base64')), { longs: Number });
    const startedAtMs = endedAtMs - durationMs;
    const seconds = Math.floor(startedAtMs / 1_000);
    expect(trace).toMatchObject({
      durationNs: durationMs * 1e6,
      startTime: { seconds, nanos: (startedAtMs - seconds * 1_000) * 1e6 },
      endTime: { seconds: endedAtMs / 1_000 - 0.25, nanos: 250e6 },
      root: {
        child: fields.map((responseName) => ({ responseName, endTime: durationMs * 1e6 })),
      },
    });
  });
});

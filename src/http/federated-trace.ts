/**
 * Federated tracing, version 1: a gateway that reports to Apollo Studio asks for it with a header, and gets how long the
 * operation took here as a protocol buffer (`Trace` in Apollo's reports.proto), in base64. Fields are not timed one by one:
 * their resolvers wait for the same statements.
 */
import { Buffer } from 'node:buffer';

export const TRACE_HEADER = 'apollo-federation-include-trace';
export const TRACE_VERSION = 'ftv1';

export interface Timed {
  /** When the answer was complete, in milliseconds since 1970. */
  readonly endedAtMs: number;
  readonly durationMs: number;
  /** The response keys of the root fields. */
  readonly fields: readonly string[];
}

export function federatedTrace({ endedAtMs, durationMs, fields }: Timed): string {
  const durationNs = Math.max(0, Math.round(durationMs * NS_PER_MS));
  const children = fields.flatMap((name) =>
    message(NODE.child, [
      ...bytes(NODE.responseName, Buffer.from(name)),
      ...integer(NODE.endTime, durationNs),
    ]),
  );
  const trace = [
    ...message(TRACE.endTime, timestamp(endedAtMs)),
    ...message(TRACE.startTime, timestamp(endedAtMs - durationMs)),
    ...integer(TRACE.durationNs, durationNs),
    ...message(TRACE.root, children),
  ];
  return Buffer.from(trace).toString('base64');
}

/** The numbers of the fields. */
const TRACE = { endTime: 3, startTime: 4, durationNs: 11, root: 14 };
const NODE = { responseName: 1, endTime: 9, child: 12 };
const TIMESTAMP = { seconds: 1, nanos: 2 };

const NS_PER_MS = 1_000_000;

function timestamp(ms: number): number[] {
  const seconds = Math.floor(ms / 1_000);
  const nanos = Math.floor((ms - seconds * 1_000) * NS_PER_MS);
  return [...integer(TIMESTAMP.seconds, seconds), ...integer(TIMESTAMP.nanos, nanos)];
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;

function integer(field: number, value: number): number[] {
  return [...varint(field * 8 + VARINT), ...varint(value)];
}

function message(field: number, content: readonly number[]): number[] {
  return bytes(field, content);
}

function bytes(field: number, content: Iterable<number> & { readonly length: number }): number[] {
  return [...varint(field * 8 + LENGTH_DELIMITED), ...varint(content.length), ...content];
}

/** Seven bits in each byte, the last of which has no eighth bit. */
function varint(value: number): number[] {
  const result: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    result.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...result, rest];
}

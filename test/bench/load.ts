/**
 * The load generator, a process of its own: so many connections, on each one request after another. It writes HTTP by
 * itself because a client library would take more of the two cores than the server it measures.
 */
import { connect, type Socket } from 'node:net';
import {
  customerId,
  FEATURE_ID,
  type FromLoad,
  type LoadOrder,
  type LoadResult,
} from './protocol.js';

const QUERY = `mutation Track($input: BalancesTrackInput!) {
  trackBalance(input: $input) {
    __typename
    ... on TrackBalancePayload { event { id } value balance { granted remaining usage } replayed }
    ... on Error { code message }
  }
}`;

const SUCCESS = '"__typename":"TrackBalancePayload"';

interface Tally {
  measuring: boolean;
  stopped: boolean;
  readonly latenciesMs: number[];
  failures: number;
  failure: string | null;
  keys: number;
}

async function run(order: LoadOrder): Promise<void> {
  const tally: Tally = {
    measuring: false,
    stopped: false,
    latenciesMs: [],
    failures: 0,
    failure: null,
    keys: 0,
  };
  const connections = Promise.all(
    Array.from({ length: order.connections }, () => runConnection(order, tally)),
  );
  await sleep(order.warmUpMs);
  tally.measuring = true;
  send({ kind: 'MEASURING' });
  const start = performance.now();
  await sleep(order.measureMs);
  tally.stopped = true;
  const seconds = (performance.now() - start) / 1000;
  send({ kind: 'RESULT', result: resultOf(tally, seconds) });
  await connections;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function resultOf(tally: Tally, seconds: number): LoadResult {
  const sorted = Float64Array.from(tally.latenciesMs).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    requestsPerSecond: sorted.length / seconds,
    requests: sorted.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: at(1),
    failures: tally.failures,
    failure: tally.failure,
  };
}

function runConnection(order: LoadOrder, tally: Tally): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: order.port, noDelay: true });
    let sentAt = 0;
    let received = '';
    const next = () => {
      if (tally.stopped) {
        socket.end(resolve);
        return;
      }
      received = '';
      sentAt = performance.now();
      socket.write(request(order, tally));
    };
    socket.setEncoding('latin1');
    socket.on('connect', next);
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (!isComplete(received)) return;
      if (tally.measuring && !tally.stopped) count(received, performance.now() - sentAt, tally);
      next();
    });
    socket.on('close', () => (tally.stopped ? resolve() : reject(new Error('connection closed'))));
    keepAlive(socket);
  });
}

/** A half-open connection must not hold the run for ever. */
function keepAlive(socket: Socket): void {
  socket.setTimeout(60_000, () => socket.destroy(new Error('no answer within 60 s')));
}

function request(order: LoadOrder, tally: Tally): string {
  tally.keys += 1;
  const input = {
    customerId: customerId(Math.floor(Math.random() * order.customers)),
    featureId: FEATURE_ID,
    value: 1,
    properties: { model: 'large', region: 'eu' },
    ...(order.withKeys ? { idempotencyKey: `${process.pid}-${tally.keys}` } : {}),
  };
  const body = JSON.stringify({ query: QUERY, variables: { input } });
  return (
    'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n' +
    `Authorization: Bearer ${order.secret}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/** Whether all of one response has come, be it of a declared length or in chunks. */
function isComplete(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const head = received.slice(0, headEnd).toLowerCase();
  const length = /content-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) return received.length >= headEnd + 4 + Number(length);
  return received.endsWith('0\r\n\r\n');
}

function count(received: string, latencyMs: number, tally: Tally): void {
  tally.latenciesMs.push(latencyMs);
  if (received.startsWith('HTTP/1.1 200') && received.includes(SUCCESS)) return;
  tally.failures += 1;
  tally.failure ??= received.slice(0, 1000);
}

function send(message: FromLoad): void {
  process.send?.(message);
}

process.once('message', (order: LoadOrder) => {
  run(order).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

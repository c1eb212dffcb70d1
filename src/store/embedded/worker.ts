/** The thread that runs the embedded database, apart from the one that serves requests. */
import { on } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createBaseBackups } from './base-backup.js';
import { openCluster } from './cluster.js';
import { freeBytes, logBytesIn } from './disk.js';
import { guardSpace, keepHouse } from './housekeeping.js';
import { endsIdle, isSessionStart, START, SYNC } from './wire.js';

export type WorkerRequest =
  | { kind: 'session'; port: MessagePort }
  | { kind: 'backup'; port: MessagePort }
  | { kind: 'close' };

export type WorkerReport =
  | { kind: 'ready' }
  | { kind: 'crash'; reason: string }
  | { kind: 'warning'; message: string };

if (parentPort === null) throw new Error('worker.ts runs in a worker thread only');
const parent = parentPort;
const report = (message: WorkerReport) => parent.postMessage(message);

const { folder }: { folder: string } = workerData;
const { engine, place, checkPlace } = await openCluster({
  folder,
  onCrash: (reason) => {
    report({ kind: 'crash', reason });
    process.exit(1);
  },
});
const warn = (message: string) => report({ kind: 'warning', message });
const space = guardSpace({
  folder: place,
  freeBytes: () => freeBytes(place),
  setReadOnly: (readOnly) => engine.pg.exec(`SET default_transaction_read_only = ${readOnly}`),
  warn,
});
const ports = new Set<MessagePort>();
let turn = Promise.resolve();
/** The backend is between two transactions. */
let idle = true;
/** What waits for that. */
const waiting: (() => Promise<void>)[] = [];
let inTurn: Promise<void> = Promise.resolve();
const logBytes = () => logBytesIn(place);
const backups = createBaseBackups({ engine, logBytes, whenIdle });

parent.on('message', (request: WorkerRequest) => {
  if (request.kind === 'close') {
    void close();
    return;
  }
  const { port } = request;
  if (request.kind === 'backup') {
    backups.serve(port);
    return;
  }
  ports.add(port);
  // Listening from now on buffers what a waiting session sends, and its end, until its turn.
  const messages = on(port, 'message', { close: ['close'] });
  turn = turn.then(() => serve(port, messages));
});
report({ kind: 'ready' });

/** One after the other, whether they are messages of the session or work in between. */
function exclusively(work: () => Promise<void>): Promise<void> {
  inTurn = inTurn.then(work);
  return inTurn;
}

function whenIdle(work: () => Promise<void>): void {
  waiting.push(work);
  void exclusively(runWaiting);
}

async function runWaiting(): Promise<void> {
  while (idle) {
    const work = waiting.shift();
    if (work === undefined) return;
    await work();
  }
}

/**
 * One session, from its start to its end. The backend has one transaction and one set of
 * prepared statements, so sessions cannot share it: they take turns, and each finds it clean.
 */
async function serve(port: MessagePort, messages: ReturnType<typeof on>): Promise<void> {
  let started = false;
  for await (const event of messages) {
    const message: Uint8Array = event[0];
    if (!started && !isSessionStart(message)) break;
    await exclusively(() => answerTo(port, started ? message : START));
    started = true;
  }
  port.close();
  ports.delete(port);
  await exclusively(cleanUp);
}

async function answerTo(port: MessagePort, message: Uint8Array): Promise<void> {
  checkPlace();
  if (idle) await space.check();
  const answer = await engine.answer(message);
  idle = endsIdle(answer);
  port.postMessage(answer, [answer.buffer]);
  if (idle) await keepHouse({ engine, mayRecycle: backups.mayRecycle, warn });
  await runWaiting();
}

async function cleanUp(): Promise<void> {
  if (!idle) {
    await engine.answer(SYNC);
    await engine.pg.exec('ROLLBACK');
  }
  await engine.pg.exec('DISCARD ALL');
  space.reset();
  idle = true;
  await runWaiting();
}

async function close(): Promise<void> {
  for (const port of ports) port.close();
  await turn;
  await exclusively(runWaiting);
  // Closing writes a checkpoint.
  checkPlace();
  await engine.close();
  process.exit(0);
}

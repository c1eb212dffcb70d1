/** The log never waits for its reader, nor does its memory grow. */
import { expect, it } from 'vitest';
import { LogFigures } from '../../src/platform/log/log-figures.js';
import { BUFFER_BYTES_MAX, Output } from '../../src/platform/log/output.js';
import type { Sink, Written } from '../../src/platform/log/sink.js';

/** A reader that takes a text when it is told to. */
class SlowReader implements Sink {
  readonly written: string[] = [];
  #waiting: { readonly text: string; readonly done: Written } | null = null;

  write(text: string, done: Written): void {
    expect(this.#waiting).toBeNull();
    this.#waiting = { text, done };
  }

  isPending(): boolean {
    return this.#waiting !== null;
  }

  writeNow(text: string): void {
    this.written.push(text);
  }

  /** Whether there was anything. */
  read(error?: Error): boolean {
    const waiting = this.#waiting;
    if (waiting === null) return false;
    this.#waiting = null;
    if (error === undefined) this.written.push(waiting.text);
    waiting.done(error ?? null);
    return true;
  }
}

function started(writeBytesMax = 4_096) {
  const sink = new SlowReader();
  const dropped: number[] = [];
  const figures = new LogFigures();
  const output: Output = new Output({
    sink,
    figures,
    writeBytesMax,
    onDropped: (lines) => {
      dropped.push(lines);
      output.write(DROPPED);
    },
  });
  return { sink, dropped, output, figures };
}

const DROPPED = '{"level":"error","msg":"dropped"}\n';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const info = (n: number) => `{"level":"info","n":${n},"pad":"${'x'.repeat(180)}"}\n`;
const warning = (n: number) => `{"level":"warn","n":${n},"pad":"${'é'.repeat(90)}"}\n`;

it('lines of one turn are written together, in order, and no more at once than may be', async () => {
  const { sink, output } = started();
  const lines = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? info(n) : warning(n)));
  for (const line of lines) output.write(line);
  await turn();
  while (sink.read());
  expect(sink.written.join('')).toBe(lines.join(''));
  expect(sink.written.length).toBeLessThan(10);
  for (const text of sink.written) {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
    expect(text.endsWith('\n')).toBe(true);
  }
});

it('lines that are not read are dropped and counted, warnings last', async () => {
  const { sink, output, dropped, figures } = started();
  const count = 20_000;
  for (let n = 0; n < count; n += 1) output.write(info(n));
  await turn();
  for (let n = 0; n < 100; n += 1) output.write(warning(n));
  expect(sink.read()).toBe(true);
  expect(dropped).toEqual([]);
  // A turn for each, in which the line about those that were dropped comes in between.
  while (sink.read()) await turn();
  await turn();
  while (sink.read());
  const [text = '', ...more] = sink.written.join('').split(DROPPED);
  expect(more).toEqual(['']);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(BUFFER_BYTES_MAX);
  expect(Buffer.byteLength(text)).toBeGreaterThan((BUFFER_BYTES_MAX * 3) / 4 - 4_096);
  const read = text.split('\n').length - 1;
  expect(text.match(/"warn"/g)).toHaveLength(100);
  expect(dropped).toEqual([count + 100 - read]);
  expect(new Map(figures.omitted.entries()).get('dropped')).toBe(count + 100 - read);
  output.write(info(0));
  await turn();
  expect(sink.read()).toBe(true);
  expect(dropped).toHaveLength(1);
});

it('lines that cannot be written are counted, and the next ones are written', async () => {
  const { sink, output, dropped } = started();
  output.write(info(1));
  output.write(info(2));
  await turn();
  sink.read(new Error('no space left'));
  output.write(info(3));
  await turn();
  while (sink.read());
  await turn();
  while (sink.read());
  expect(sink.written).toEqual([info(3), DROPPED]);
  expect(dropped).toEqual([2]);
});

it('what is left is written at the end, what was on its way too', async () => {
  const { sink, output } = started();
  output.write(info(1));
  await turn();
  output.write(info(2));
  output.flush();
  expect(sink.written).toEqual([info(1) + info(2)]);
});

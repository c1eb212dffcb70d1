/** Lines are the same however the file arrives, and none takes more memory than a line may have. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LINE_BYTES_MAX, linesOf } from '../../src/commands/import/lines.js';

async function split(...chunks: readonly (string | Buffer)[]) {
  async function* arriving() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: [number, string | null][] = [];
  for await (const part of linesOf(arriving())) {
    for (const { number, bytes } of part) lines.push([number, bytes?.toString() ?? null]);
  }
  return lines;
}

it.each<[string, readonly string[], readonly string[]]>([
  ['nothing', [], []],
  ['an empty chunk', [''], []],
  ['one line', ['a\n'], ['a']],
  ['a last line without an end', ['a\nb'], ['a', 'b']],
  ['blank lines, which count', ['\n\na\n\n'], ['', '', 'a', '']],
  ['CRLF, of which the CR is white space', ['a\r\nb\r\n'], ['a\r', 'b\r']],
  ['a line in several chunks', ['a', 'b', '', 'c\nd'], ['abc', 'd']],
  ['an end in a chunk of its own', ['a', '\n', 'b'], ['a', 'b']],
  ['a byte order mark', ['\ufeffa\n\ufeffb'], ['a', '\ufeffb']],
  ['nothing but a byte order mark', ['\ufeff'], ['']],
])('splits %s', async (_what, chunks, expected) => {
  const lines = expected.map((text, index) => [index + 1, text]);
  expect(await split(...chunks)).toEqual(lines);
});

it('gives the same lines, whatever the chunks', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r', '\ufeff') });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat({ max: 20 })), async (whole, sizes) => {
      const bytes = Buffer.from(whole);
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(await split(...chunks, bytes.subarray(at))).toEqual(await split(bytes));
    }),
  );
});

it('reads a line of the greatest length, and skips a longer one', async () => {
  const longest = 'x'.repeat(LINE_BYTES_MAX);
  expect(await split(`${longest}\n${longest}y\nz\n${longest}y`)).toEqual([
    [1, longest],
    [2, null],
    [3, 'z'],
    [4, null],
  ]);
});

it('keeps nothing of a line of 400 MB', async () => {
  let most = 0;
  async function* arriving() {
    for (let n = 0; n < 400; n += 1) {
      yield Buffer.alloc(1024 * 1024, 'x');
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    yield Buffer.from('\na');
  }
  const before = process.memoryUsage().arrayBuffers;
  const lines: unknown[] = [];
  for await (const part of linesOf(arriving())) lines.push(...part);
  expect(lines).toEqual([
    { number: 1, bytes: null },
    { number: 2, bytes: Buffer.from('a') },
  ]);
  // Memory that is no longer needed is released late, but long before this.
  expect(most - before).toBeLessThan(300_000_000);
});

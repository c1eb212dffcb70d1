/** The file of an import: what was read is what it had at the start, or the import says so. Its name follows from its content. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { checkedName, keysOf, nameOfFile } from '../../src/commands/import/name.js';
import { openSource } from '../../src/commands/import/source.js';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-import-'));
const path = join(folder, 'events.jsonl');
const notePath = `${path}.import`;

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => rmSync(notePath, { force: true }));

const LINES = '{"customerId":"acme","featureId":"messages"}\n'.repeat(5_000);

describe('a file that changes while it is read', () => {
  const other = LINES.replace(/acme(?!.*acme)/s, 'acma');
  it.each<[string, () => void, boolean]>([
    ['nothing', () => undefined, false],
    ['a line at the end', () => appendFileSync(path, '{}\n'), false],
    ['a line that has not been read yet', () => writeFileSync(path, other), true],
    ['its length', () => truncateSync(path, LINES.length - 10), true],
  ])('is noticed: %s', async (_what, change, expected) => {
    writeFileSync(path, LINES);
    const source = await openSource(path);
    let changed = false;
    for await (const chunk of source.chunks(new AbortController().signal)) {
      expect(chunk.length).toBeGreaterThan(0);
      if (!changed) change();
      changed = true;
    }
    expect(source.hasChanged()).toBe(expected);
    await source.close();
  });

  it('is not blamed for an interruption', async () => {
    writeFileSync(path, LINES);
    const source = await openSource(path);
    const stop = new AbortController();
    let chunks = 0;
    for await (const _chunk of source.chunks(stop.signal)) {
      chunks += 1;
      stop.abort();
    }
    expect(chunks).toBe(1);
    expect(source.hasChanged()).toBe(false);
    await source.close();
  });
});

it.each([
  [folder, 'is not a file'],
  [join(folder, 'none'), 'cannot be read: it does not exist.'],
])('refuses to read %s', async (given, said) => {
  await expect(openSource(given)).rejects.toThrow(said);
});

async function nameNow(): Promise<string> {
  const source = await openSource(path);
  await source.close();
  if (source.content === null) throw new Error('a file has content');
  return nameOfFile(path, source.content);
}

describe('the name of an import', () => {
  it('follows from the content, and stays when lines are appended', async () => {
    writeFileSync(path, 'a\n');
    const first = await nameNow();
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(await nameNow()).toBe(first);
    appendFileSync(path, 'b\n');
    expect(await nameNow()).toBe(first);
  });

  it('is the same where the note of the first time is lost', async () => {
    writeFileSync(path, 'a\n');
    const first = await nameNow();
    rmSync(notePath);
    expect(await nameNow()).toBe(first);
  });

  it.each(['b\na\n', 'b\n', 'a', ''])('is not given to other content: %j', async (content) => {
    writeFileSync(path, 'a\n');
    const first = await nameNow();
    writeFileSync(path, content);
    if (content === '') expect(await nameNow()).not.toBe(first);
    else await expect(nameNow()).rejects.toThrow(`--name ${first}`);
  });

  it('is not that of every file that was empty once', async () => {
    writeFileSync(path, '');
    const empty = await nameNow();
    expect(existsSync(notePath)).toBe(false);
    writeFileSync(path, 'a\n');
    expect(await nameNow()).not.toBe(empty);
  });

  it('is not read from a note that is damaged', async () => {
    writeFileSync(path, 'a\n');
    for (const note of ['', '{', '{"name":"../x","bytes":1,"sha256":""}']) {
      writeFileSync(notePath, note);
      await expect(nameNow()).rejects.toThrow('should contain the name of an import');
    }
  });

  it.each(['a', 'A-1_b.c', '0', 'x'.repeat(100)])('can be %j', (name) => {
    expect(checkedName(name)).toBe(name);
  });

  it.each(['', '-', '.a', 'a/b', 'a b', 'ä', 'a:1', 'x'.repeat(101)])('cannot be %j', (name) => {
    expect(() => checkedName(name)).toThrow('--name must be');
  });

  it('keeps the keys of lines apart', () => {
    expect(keysOf('may')(7)).toBe('import:may:7');
  });
});

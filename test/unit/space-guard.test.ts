/** While the disk is nearly full, every session is read-only, and that is reported once. */
import { expect, it } from 'vitest';
import { guardSpace } from '../../src/store/embedded/housekeeping.js';

const MB = 2 ** 20;

function given() {
  let free = 1_000 * MB;
  const said: string[] = [];
  const settings: boolean[] = [];
  const space = guardSpace({
    folder: '/data',
    freeBytes: () => free,
    setReadOnly: async (readOnly) => settings.push(readOnly),
    warn: (message) => said.push(message),
  });
  const check = (megabytes: number) => {
    free = megabytes * MB;
    return space.check();
  };
  return { said, settings, check, reset: space.reset };
}

it('a full disk is reported once, however many sessions its refusals end', async () => {
  const { said, settings, check, reset } = given();
  for (let session = 0; session < 100; session += 1) {
    await check(50);
    await check(50);
    reset();
  }
  expect(said).toEqual([
    'Only 50 MB are free on the disk of /data: writes are refused until there are 128 MB.',
  ]);
  expect(settings).toEqual(Array(100).fill(true));
});

it('that there is room again is reported once, and the next time the disk is full as well', async () => {
  const { said, settings, check, reset } = given();
  for (const free of [50, 200, 200, 50]) {
    await check(free);
    reset();
    await check(free);
  }
  expect(said.map((message) => message.slice(0, 7))).toEqual(['Only 50', '200 MB ', 'Only 50']);
  // A session that has ended took its setting with it.
  expect(settings).toEqual([true, true, false, true, true]);
});

it('a session that goes on is writable again', async () => {
  const { settings, check } = given();
  for (const free of [200, 50, 50, 200, 200]) await check(free);
  expect(settings).toEqual([true, false]);
});

it('between the two limits it stays as it is, for the next session too', async () => {
  const { said, settings, check, reset } = given();
  await check(100);
  expect(settings).toEqual([]);
  await check(95);
  reset();
  await check(100);
  await check(127);
  expect(settings).toEqual([true, true]);
  await check(128);
  expect(settings).toEqual([true, true, false]);
  expect(said).toHaveLength(2);
});

/** Warnings and errors that repeat are logged once a second with their number, whatever they say. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LogFigures } from '../../src/platform/log/log-figures.js';
import { KINDS_MAX, Repeats } from '../../src/platform/log/repeats.js';
import { loggerOn } from '../../src/platform/logger.js';

let lines: Record<string, unknown>[];
const figures = new LogFigures();
const repeats = new Repeats(figures);
const logger = loggerOn(
  { write: (line) => lines.push(JSON.parse(line)) },
  { level: 'info', repeats },
);

beforeEach(() => {
  lines = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  repeats.flush();
  vi.useRealTimers();
});

it('the first is logged at once, the others once a second, until there are none', () => {
  for (let second = 0; second < 3; second += 1) {
    for (let call = 0; call < 50; call += 1) logger.warn({ call }, 'It is down.');
    vi.advanceTimersByTime(1_000);
  }
  vi.advanceTimersByTime(60_000);
  logger.warn({ call: 'later' }, 'It is down.');
  expect(lines).toMatchObject([
    { msg: 'It is down.', call: 0 },
    { msg: 'It is down.', call: 49, times: 49 },
    { msg: 'It is down.', call: 49, times: 50 },
    { msg: 'It is down.', call: 49, times: 50 },
    { msg: 'It is down.', call: 'later' },
  ]);
  expect(lines[0]).not.toHaveProperty('times');
  // Each line tells one of them, and the metric has the others.
  expect(new Map(figures.omitted.entries()).get('repeated')).toBe(3 * 50 + 1 - lines.length);
});

it('other messages, codes, reasons and errors are logged by themselves', () => {
  const messages = [
    () => logger.warn('A'),
    () => logger.warn('B'),
    () => logger.warn({ code: 'X' }, 'A'),
    () => logger.warn({ reason: 'it was' }, 'A'),
    () => logger.error({ err: new Error('one') }, 'A'),
    () => logger.error({ err: new TypeError('one') }, 'A'),
  ];
  for (const tell of [...messages, ...messages]) tell();
  expect(lines).toHaveLength(messages.length);
});

it('a message with ever new reasons is logged for so many, and then once a second', () => {
  for (let n = 0; n < 10 * KINDS_MAX; n += 1) logger.warn({ reason: `reason ${n}` }, 'A');
  expect(lines).toHaveLength(KINDS_MAX + 1);
  vi.advanceTimersByTime(1_000);
  expect(lines).toHaveLength(KINDS_MAX + 2);
  expect(lines.at(-1)).toMatchObject({ times: 9 * KINDS_MAX - 1 });
});

it('what was counted is logged before the process ends', () => {
  for (let call = 0; call < 3; call += 1) logger.warn('A');
  repeats.flush();
  expect(lines).toMatchObject([{ msg: 'A' }, { msg: 'A', times: 2 }]);
});

it('lines about other things, and the end of the process, are logged each time', () => {
  for (let call = 0; call < 3; call += 1) {
    logger.info('A');
    logger.fatal('B');
  }
  expect(lines).toHaveLength(6);
});

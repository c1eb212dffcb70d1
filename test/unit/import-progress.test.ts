/** The user sees how far an import is, how fast it is and how long it will take. */
import { expect, it } from 'vitest';
import { createProgress, durationOf } from '../../src/commands/import/progress.js';

function watched({ isTTY, bytesTotal }: { isTTY: boolean; bytesTotal: number | null }) {
  let now = 0;
  let text = '';
  const output = {
    isTTY,
    write: (part: string) => {
      text += part;
    },
  };
  const progress = createProgress({ output, bytesTotal, monotonicMs: () => now });
  return {
    progress,
    /** Returns what was written for it. */
    tickAt: (seconds: number, lines: number) => {
      now = seconds * 1_000;
      text = '';
      progress.tick({ lines, bytes: lines * 100 });
      return text;
    },
    said: () => text,
  };
}

it('shows a bar on a terminal, with the rate and the time left', () => {
  const { tickAt, progress, said } = watched({ isTTY: true, bytesTotal: 1_000_000 });
  expect(tickAt(0, 0)).toBe('\r\x1b[K[........................] 0 %, 0 lines, 0/s');
  expect(tickAt(1, 2_500)).toBe(
    '\r\x1b[K[######..................] 25 %, 2,500 lines, 2,500/s, 3 s left',
  );
  expect(tickAt(4, 10_000)).toBe(
    '\r\x1b[K[########################] 100 %, 10,000 lines, 2,500/s, 0 s left',
  );
  progress.end();
  expect(said().endsWith('\r\x1b[K')).toBe(true);
});

it('shows a line every ten seconds where there is no terminal', () => {
  const { tickAt, progress, said } = watched({ isTTY: false, bytesTotal: 10_000_000 });
  expect(tickAt(1, 1_000)).toBe('');
  expect(tickAt(9.9, 9_900)).toBe('');
  expect(tickAt(10, 10_000)).toBe('10 %, 10,000 lines, 1,000/s, 1 min 30 s left\n');
  expect(tickAt(11, 11_000)).toBe('');
  expect(tickAt(20, 20_000)).toBe('20 %, 20,000 lines, 1,000/s, 1 min 20 s left\n');
  progress.say('Waiting.');
  progress.end();
  expect(said()).toBe('20 %, 20,000 lines, 1,000/s, 1 min 20 s left\nWaiting.\n');
});

it('promises no end of a stream', () => {
  const { tickAt } = watched({ isTTY: true, bytesTotal: null });
  expect(tickAt(2, 5_000)).toBe('\r\x1b[K5,000 lines, 2,500/s');
});

it('shows the rate of the last ten seconds', () => {
  const { tickAt } = watched({ isTTY: true, bytesTotal: null });
  for (let tick = 1; tick <= 100; tick += 1) tickAt(tick / 4, tick * 1_000);
  let last = '';
  for (let tick = 1; tick <= 40; tick += 1) last = tickAt(25 + tick / 4, 100_000 + tick);
  expect(last).toContain('100,040 lines, 4/s');
});

it('stays at the end if the file grows', () => {
  const { tickAt } = watched({ isTTY: true, bytesTotal: 1_000 });
  expect(tickAt(1, 20)).toContain('100 %, 20 lines, 20/s, 0 s left');
});

it.each([
  [0, '0 s'],
  [0.2, '1 s'],
  [59, '59 s'],
  [60, '1 min 0 s'],
  [3_599, '59 min 59 s'],
  [7_260, '2 h 1 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationOf(seconds)).toBe(text);
});

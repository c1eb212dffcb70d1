/** What docs/operations/deploys.md and compose.yaml set fits the defaults of the settings. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/config.js';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const page = read('docs/operations/deploys.md');

/** Beyond the gateway's own bounds: its primary process waits for 2 s longer, and a process takes a moment to end. */
const MARGIN_MS = 3_000;

function defaults(): Config {
  const loaded = loadConfig({});
  if (!loaded.ok) throw new Error(loaded.problems.join());
  return loaded.config;
}

/** The number that the only match of the pattern has. */
function numberIn(text: string, pattern: RegExp): number {
  const found = [...text.matchAll(new RegExp(pattern, 'gm'))].map(([, digits]) => Number(digits));
  expect({ pattern, found }).toMatchObject({ found: [expect.any(Number)] });
  return found[0] ?? Number.NaN;
}

const { drainDelayMs, shutdownGraceMs, keepAliveMs } = defaults();
const endMs = drainDelayMs + shutdownGraceMs + MARGIN_MS;

it.each([
  ['Kubernetes', page, /terminationGracePeriodSeconds: (\d+)$/],
  ['systemd', page, /^TimeoutStopSec=(\d+)$/],
  ['docker stop', page, /`--timeout (\d+)`/],
  ['compose.yaml', read('compose.yaml'), /stop_grace_period: (\d+)s$/],
])('%s waits for the end of a gateway', (_what, text, pattern) => {
  expect(numberIn(text, pattern) * 1_000).toBeGreaterThan(endMs);
});

describe('the page', () => {
  it('says how long the end of a gateway takes', () => {
    expect(numberIn(page, /`DRAIN_DELAY_MS` \((\d+) s\)/) * 1_000).toBe(drainDelayMs);
    expect(numberIn(page, /`SHUTDOWN_GRACE_MS` \((\d+) s\)/) * 1_000).toBe(shutdownGraceMs);
    expect(numberIn(page, /With the defaults, that is (\d+) s/) * 1_000).toBe(endMs);
  });

  it('has probes that notice within the delay', () => {
    const [probe = ''] = /readinessProbe:[\s\S]*?livenessProbe/.exec(page) ?? [];
    const seconds = (name: string) => numberIn(probe, new RegExp(`${name}: (\\d+)$`));
    const slowest =
      seconds('periodSeconds') * seconds('failureThreshold') + seconds('timeoutSeconds');
    expect(slowest * 1_000).toBeLessThanOrEqual(drainDelayMs);
    expect(probe).toContain('path: /ready');
  });

  it('starts the gateway as `npm start` does', () => {
    const { scripts }: { scripts: { start: string } } = JSON.parse(read('package.json'));
    expect(page).toContain(`ExecStart=/usr/bin/${scripts.start}\n`);
  });
});

it('connections are kept for longer than by what docs/operations.md lists, except where it says so', () => {
  const rows = [...read('docs/operations.md').matchAll(/^\| [^|]+ \| (\d+) s\b[^|]* \|$/gm)];
  const seconds = rows.map(([, digits]) => Number(digits));
  expect(seconds).toEqual(expect.arrayContaining([60, 90, 120, 600]));
  for (const each of seconds) expect(each * 1_000).toBeLessThan(keepAliveMs);
});

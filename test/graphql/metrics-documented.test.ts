/** The page, the dashboard and the alerts about metrics name those that exist, as they are. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL_ERROR_CODES } from '../../src/http/errors.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { startWorkers, type Workers } from '../support/gateway/workers.js';
import { expositionMistakes } from '../support/metrics/exposition-mistakes.js';
import { addressOf, type Scraped, scrape, scrapeUntil } from '../support/metrics/scrape.js';

const read = (name: string) =>
  readFileSync(new URL(`../../docs/operations/${name}`, import.meta.url), 'utf8');

const page = read('metrics.md');

let database: TestDatabase;
let tollgate: Workers;
let scraped: Scraped;

/** The primary and its workers have every metric that there is. */
beforeAll(async () => {
  database = await createDatabase();
  tollgate = await startWorkers({ DATABASE_URL: database.url, METRICS_PORT: '0' });
  const address = await addressOf(tollgate);
  // A worker that is slow to answer is missing from a scrape.
  scraped = await scrapeUntil(
    () => scrape(address),
    (one) => one.value('tollgate_worker_up') === 2,
  );
});

afterAll(async () => {
  await tollgate.stop();
  await database.drop();
});

it('the metrics of all processes have the form that Prometheus reads', () => {
  expect(expositionMistakes(scraped.text)).toEqual([]);
});

describe('the page about metrics', () => {
  const rows = [
    ...page.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| ([^|]*)\| ([^|]+) \|$/gm),
  ];

  it('lists every metric of Tollgate once', () => {
    const ours = [...scraped.types.keys()].filter((name) => name.startsWith('tollgate_')).sort();
    const listed = rows.map(([, name = '']) => name).filter((name) => name.startsWith('tollgate_'));
    expect(ours.length).toBeGreaterThan(30);
    expect(listed.sort()).toEqual(ours);
  });

  it('says of each what a scrape says', () => {
    const told = rows.map(([, name, type, , meaning]) => [name, type, meaning]);
    expect(told).toEqual(
      rows.map(([, name = '']) => [name, scraped.types.get(name), scraped.help.get(name)]),
    );
  });

  it.each([
    ['cause', 'cause', 'tollgate_write_guard_failures_total'],
    ['class', 'class', 'tollgate_database_errors_total'],
    ['cause of a failure', 'cause', 'tollgate_ranges_failures_total'],
  ])('explains every %s', (heading, label, metric) => {
    const [, table = ''] =
      new RegExp(`\\| ${heading} \\| what happened \\|\n(.*?)\n\n`, 's').exec(page) ?? [];
    const explained = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, value = '']) => value);
    const values = scraped.series
      .filter(({ name }) => name === metric)
      .flatMap(({ labels }) => labels[label] ?? []);
    expect(explained.sort()).toEqual([...new Set(values)].sort());
  });
});

/** What an expression names of a metric: `tollgate_..._bucket{operation="..."}`. */
const SELECTOR = /\b((?:tollgate|nodejs|process)_\w+)(?:\{([^}]*)\})?/g;

/** What Prometheus and the merging of workers add. */
const ADDED = ['job', 'instance', 'worker', 'le'];

function labelsOf(metric: string): Set<string> {
  const labels = scraped.series
    .filter(({ name }) => name.startsWith(metric))
    .flatMap((one) => Object.keys(one.labels));
  return new Set([...labels, ...ADDED, ...DOCUMENTED_ONLY]);
}

/** Of series that appear with the first value. */
const DOCUMENTED_ONLY = ['kind', 'table'];

/** What is wrong with the names in an expression. */
function mistakes(expression: string): string[] {
  const found = [...expression.matchAll(SELECTOR)];
  if (found.length === 0 && !/\bup\{/.test(expression)) return [`${expression} names no metric`];
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(', '),
  );
  const ofMetrics = found.flatMap(([, name = '', matchers = '']) => {
    const family = name.replace(/_(bucket|sum|count)$/, '');
    const isPart = family !== name && scraped.types.get(family) === 'histogram';
    if (!isPart && !scraped.types.has(name)) return [`there is no ${name}`];
    if (!isPart && scraped.types.get(name) === 'histogram') return [`${name} is a histogram`];
    const labels = labelsOf(isPart ? family : name);
    const used = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)];
    return [
      ...[...grouped, ...used.map(([, label = '']) => label)]
        .filter((label) => !labels.has(label))
        .map((label) => `${name} has no ${label}`),
      ...used
        .flatMap(([, label, values = '']) => (label === 'result' ? values.split('|') : []))
        .filter((result) => result !== 'OK' && !PROTOCOL_ERROR_CODES.has(result))
        .map((result) => `there is no result ${result}`),
    ];
  });
  const isCounted = found.some(([, name = '']) => /_(total|bucket|sum|count)$/.test(name));
  const isRate = /\b(rate|increase)\(/.test(expression);
  return [
    ...ofMetrics,
    ...(isCounted === isRate ? [] : [`${expression}: a rate of a gauge, or none`]),
  ];
}

const opens = (text: string, bracket: string) => text.split(bracket).length;

it.each([
  'sum(rate(tollgate_nothing_total[5m]))',
  'sum by (nothing) (rate(tollgate_operations_total[5m]))',
  'sum(rate(tollgate_operations_total{nothing="x"}[5m]))',
  'sum(rate(tollgate_operations_total{result=~"OVERLOADED|NOTHING"}[5m]))',
  'tollgate_operation_duration_seconds',
  'sum(tollgate_operations_total)',
  'sum(rate(tollgate_write_queue_commands[5m]))',
  'sum(rate(tollgate_write_lanes_sum[5m]))',
  'nothing > 0',
])('a mistake is found in %s', (expression) => {
  expect(mistakes(expression)).not.toEqual([]);
});

describe('the dashboard', () => {
  interface Panel {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: {
      readonly x: number;
      readonly y: number;
      readonly w: number;
      readonly h: number;
    };
    readonly targets?: readonly { readonly expr: string }[];
  }
  const { panels }: { panels: readonly Panel[] } = JSON.parse(read('tollgate-dashboard.json'));
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  it('names only metrics, labels and results that exist', () => {
    expect(expressions.length).toBeGreaterThan(30);
    expect(expressions.flatMap(mistakes)).toEqual([]);
  });

  it('has panels with ids of their own that do not overlap', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('shows every metric of Tollgate, or what it is a part of', () => {
    const shown = new Set(
      expressions
        .flatMap((expression) => [...expression.matchAll(SELECTOR)])
        .map(([, name = '']) => name.replace(/_(bucket|sum|count)$/, '')),
    );
    const hidden = [...scraped.types.keys()]
      .filter((name) => name.startsWith('tollgate_') && !shown.has(name))
      .sort();
    expect(hidden).toEqual([
      'tollgate_account_cache_accounts',
      'tollgate_catalog_cache_projects',
      'tollgate_database_connections_idle',
      'tollgate_database_connections_max',
      'tollgate_pruner_failures_total',
      'tollgate_read_statements_in_flight',
      'tollgate_read_statements_in_flight_max',
      'tollgate_sweeper_customers_total',
      'tollgate_sweeper_failures_total',
      'tollgate_workers_replaced_total',
    ]);
  });
});

describe('the alerts', () => {
  const runbook = read('runbook.md');
  const text = read('tollgate-alerts.yml');
  const alerts = [
    ...text.matchAll(
      /^ {6}- alert: (\w+)\n {8}expr: ['"]([^\n]+)['"]\n {8}for: (\d+[mh])\n {8}labels: \{ severity: (critical|warning) \}\n {8}annotations:\n {10}summary: "([^"\n]+)"\n {10}runbook: "docs\/operations\/metrics\.md#([\w-]+)"\n/gm,
    ),
  ];

  it('are all of the form that this test reads', () => {
    expect(alerts.length).toBe(text.split('- alert:').length - 1);
    const names = alerts.map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('name only metrics, labels and results that exist', () => {
    expect(alerts.flatMap(([, , expression = '']) => mistakes(expression))).toEqual([]);
    for (const [, , expression = ''] of alerts) {
      expect(opens(expression, '(')).toBe(opens(expression, ')'));
    }
  });

  it('are each in the runbook, with a figure that exists and the section that the alert leads to', () => {
    const [, table = ''] = runbook.split('## Alerts\n');
    const rows = (table.split('\n## ')[0] ?? '').split('\n').filter((row) => row.startsWith('| `'));
    const found = rows.flatMap((row) => {
      const [, named = ''] = row.split('|');
      return [...named.matchAll(/`(\w+)`/g)].map(([, name]) => ({ name, row }));
    });
    expect(found.map(({ name }) => name).sort()).toEqual(alerts.map(([, name]) => name).sort());
    for (const [, name, , , , , section] of alerts) {
      const row = found.find((one) => one.name === name)?.row;
      expect(row).toContain(`(metrics.md#${section})`);
    }
    const named = [...runbook.matchAll(/\b(?:tollgate|nodejs|process)_\w+/g)].map(
      ([metric]) => metric,
    );
    const known = (metric: string) => scraped.types.has(metric.replace(/_(bucket|sum|count)$/, ''));
    expect(named.filter((metric) => !known(metric))).toEqual([]);
  });

  it('lead to a section that says what to do, and each section is led to', () => {
    const [, todo = ''] = page.split('## What to do\n');
    const sections = [...todo.matchAll(/^### (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    const runbooks = alerts.map(([, , , , , , section = '']) => section);
    expect([...new Set(runbooks)].sort()).toEqual([...sections].sort());
  });
});

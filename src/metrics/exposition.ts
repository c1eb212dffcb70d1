/** What is known of a process, as text for Prometheus. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Family, Sample } from './family.js';
import { processFamilies } from './process-families.js';
import { turn } from './turn.js';

/** A family with its values: plain data, which one process can send to another. */
export interface FamilyData extends Omit<Family, 'samples'> {
  readonly values: readonly Sample[];
}

export interface Exposition {
  /** All families now. */
  data(): Promise<readonly FamilyData[]>;
}

/** How many values are read or written in one turn of the event loop. */
const VALUES_AT_ONCE = 250;

/** These go through every open connection at each scrape. */
const COSTLY = [
  'process_open_fds',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
] as const;

/** The families, and those of Node.js and of the process that prom-client knows. */
export function createExposition(families: readonly Family[]): Exposition {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of COSTLY) registry.removeSingleMetric(name);
  return {
    async data() {
      const collected: FamilyData[] = [];
      for (const { name, help, type, samples } of [...families, ...processFamilies()]) {
        collected.push({ name, help, type, values: await valuesOf(samples()) });
      }
      return [...collected, ...processData(await registry.getMetricsAsJSON())];
    },
  };
}

async function valuesOf(samples: Iterable<Sample>): Promise<Sample[]> {
  const values: Sample[] = [];
  for (const sample of samples) {
    values.push(sample);
    if (values.length % VALUES_AT_ONCE === 0) await turn();
  }
  await turn();
  return values;
}

function processData(metrics: Awaited<ReturnType<Registry['getMetricsAsJSON']>>): FamilyData[] {
  return metrics.map(({ name, help, type, values }) => ({
    name,
    help,
    type: typeOf(type),
    values: values.map(({ value, labels, ...more }) => ({
      ...metricNameOf(more),
      labels: Object.fromEntries(
        Object.entries(labels).map(([label, text]) => [label, String(text)]),
      ),
      value,
    })),
  }));
}

/** Parts of a histogram have names of their own, which the types of prom-client do not tell. */
function metricNameOf(more: object): { metricName?: string } {
  return 'metricName' in more && typeof more.metricName === 'string'
    ? { metricName: more.metricName }
    : {};
}

/** Numbers in some versions' types, texts in what they are. */
function typeOf(type: unknown): Family['type'] {
  return type === 'counter' || type === 'histogram' ? type : 'gauge';
}

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** A part at a time, between which others have their turn: a scrape must not delay calls. */
export async function textOf(families: readonly FamilyData[]): Promise<string> {
  const texts: string[] = [];
  for (const family of families) {
    const { values } = family;
    for (let start = 0; start === 0 || start < values.length; start += VALUES_AT_ONCE) {
      const part = { ...family, values: values.slice(start, start + VALUES_AT_ONCE) };
      const text = await textOfPart(part);
      texts.push(start === 0 ? text : withoutHead(text));
      await turn();
    }
  }
  return texts.join('');
}

function textOfPart(family: FamilyData): Promise<string> {
  const registry = new Registry();
  registry.registerMetric(metricOf(family));
  return registry.metrics();
}

/** What a family is called and means is told once. */
function withoutHead(text: string): string {
  return text.replace(/^(#.*\n)+/, '');
}

type Metric = Parameters<Registry['registerMetric']>[0];

/** What the registry needs of a metric, which it asks for nothing else. */
function metricOf({ name, help, type, values }: FamilyData): Metric {
  const metric: unknown = { name, get: async () => ({ name, help, type, values }) };
  return metric as Metric;
}

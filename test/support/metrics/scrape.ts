/** Reads what Prometheus would read, strictly. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Tollgate } from '../gateway/gateway-process.js';

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scraped {
  readonly text: string;
  readonly series: readonly Series[];
  /** By the name of the family: counter, gauge or histogram. */
  readonly types: ReadonlyMap<string, string>;
  readonly help: ReadonlyMap<string, string>;
  /** The sum of the series of that name that have at least these labels. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** Where the metrics are, which is in the log. */
export async function addressOf(tollgate: Tollgate): Promise<string> {
  const line = await tollgate.said(/"address":"[^"]+\/metrics"/);
  return line.slice('"address":"'.length, -1);
}

export async function scrape(address: string, token?: string): Promise<Scraped> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(address, { ...(headers && { headers }) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return parse(text);
}

/** Scrapes until the condition holds. The limit is only reached if something is broken. */
export async function scrapeUntil(
  scraped: () => Promise<Scraped>,
  holds: (scraped: Scraped) => boolean,
): Promise<Scraped> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const found = await scraped();
    if (holds(found)) return found;
    await delay(50);
  }
  throw new Error('the condition does not hold');
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;

export function parse(text: string): Scraped {
  const series: Series[] = [];
  const types = new Map<string, string>();
  const help = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'TYPE') {
      if (types.has(name)) throw new Error(`${name} appears twice`);
      types.set(name, rest);
    } else if (kind === 'HELP') help.set(name, rest);
    else series.push(seriesOf(line));
  }
  return {
    text,
    series,
    types,
    help,
    value: (name, labels = {}) =>
      series
        .filter((one) => one.name === name)
        .filter((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value))
        .reduce((sum, { value }) => sum + value, 0),
  };
}

function seriesOf(line: string): Series {
  const [, name, labels = '', value] = LINE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a line of Prometheus: ${line}`);
  const pairs = [...labels.matchAll(LABEL)];
  if (pairs.map(([pair]) => pair).join('') !== labels) throw new Error(`not labels: ${line}`);
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text])),
    value: Number(value),
  };
}

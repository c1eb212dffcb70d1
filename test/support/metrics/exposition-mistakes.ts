/** What Prometheus, or `promtool check metrics`, would object to in a text of metrics. */
import { parse, type Series } from './scrape.js';

export function expositionMistakes(text: string): string[] {
  const { families, mistakes } = familiesOf(text);
  const series = [...families.values()].flatMap(({ samples }) => samples);
  return [...mistakes, ...repeatedSeries(series), ...[...families.values()].flatMap(mistakesOf)];
}

interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: Series[];
}

/** As Go reads it, which takes prom-client's `Nan`. */
const VALUE = / (?:[+-]?[\d.]+(?:e[+-]?\d+)?|[+-]Inf|nan)$/i;

/** A family is its help, its type and its samples, one after the other and nowhere else. */
function familiesOf(text: string) {
  const mistakes: string[] = text.endsWith('\n') ? [] : ['the last line does not end'];
  const families = new Map<string, Family>();
  let helped = '';
  let current: Family | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (families.has(name)) mistakes.push(`${name} appears again`);
      helped = name;
      current = undefined;
    } else if (kind === 'TYPE') {
      if (helped !== name) mistakes.push(`${name} has no help before its type`);
      current = { name, type: rest, samples: [] };
      families.set(name, current);
    } else if (current === undefined) mistakes.push(`${line} has no type before it`);
    else {
      const [sample] = parse(line).series;
      if (sample !== undefined) current.samples.push(sample);
      if (!VALUE.test(line)) mistakes.push(`${line} has no value`);
    }
  }
  return { families, mistakes };
}

function repeatedSeries(series: readonly Series[]): string[] {
  const seen = new Set<string>();
  return series.flatMap(({ name, labels }) => {
    const id = `${name} ${idOf(labels)}`;
    if (seen.has(id)) return [`${id} appears twice`];
    seen.add(id);
    return [];
  });
}

function idOf(labels: Series['labels'], without = ''): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([label]) => label !== without)
      .sort(),
  );
}

function mistakesOf(family: Family): string[] {
  const { name, type, samples } = family;
  if (type === 'histogram') return histogramMistakes(family);
  return [
    ...(['counter', 'gauge'].includes(type) ? [] : [`${name} is a ${type}`]),
    ...(name.endsWith('_total') === (type === 'counter') ? [] : [`${name} is a ${type}`]),
    ...samples.flatMap(({ name: called, value }) => [
      ...(called === name ? [] : [`${called} is among ${name}`]),
      ...(type === 'counter' && value < 0 ? [`${called} is negative`] : []),
    ]),
  ];
}

function histogramMistakes({ name, samples }: Family): string[] {
  const groups = new Map<string, Series[]>();
  for (const sample of samples) {
    const id = idOf(sample.labels, 'le');
    groups.set(id, [...(groups.get(id) ?? []), sample]);
  }
  return [...groups].flatMap(([id, group]) => groupMistakes(name, group).map((m) => `${m} ${id}`));
}

function groupMistakes(name: string, group: readonly Series[]): string[] {
  const of = (part: string) => group.filter((one) => one.name === `${name}_${part}`);
  const buckets = of('bucket');
  const [sum, count] = [of('sum'), of('count')];
  const bounds = buckets.map(({ labels }) =>
    Number((labels['le'] ?? '').replace('+Inf', 'Infinity')),
  );
  const isRising = (values: readonly number[], least: number) =>
    values.every((value, index) => index === 0 || value - (values[index - 1] ?? 0) >= least);
  return [
    ...(buckets.length + sum.length + count.length === group.length ? [] : [`${name} has more`]),
    ...(sum.length === 1 && count.length === 1 ? [] : [`${name} has no sum or no count`]),
    ...(isRising(bounds, Number.MIN_VALUE) ? [] : [`${name} has bounds out of order`]),
    ...(isRising(
      buckets.map(({ value }) => value),
      0,
    )
      ? []
      : [`${name} is not cumulative`]),
    ...(bounds.at(-1) === Number.POSITIVE_INFINITY ? [] : [`${name} has no last bucket`]),
    ...(buckets.at(-1)?.value === count[0]?.value ? [] : [`${name} has another count`]),
  ];
}

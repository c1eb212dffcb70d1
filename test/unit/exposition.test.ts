import { describe, expect, it } from 'vitest';
import { createExposition, textOf } from '../../src/metrics/exposition.js';
import { byLabel, counter, gauge, histogram } from '../../src/metrics/family.js';
import { merged } from '../../src/metrics/merge.js';
import { Distribution } from '../../src/platform/distribution.js';
import { expositionMistakes } from '../support/metrics/exposition-mistakes.js';
import { parse } from '../support/metrics/scrape.js';

describe('the text for Prometheus', () => {
  it('counts the values of a histogram that are no larger than each bound', async () => {
    const seconds = new Distribution([0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value);
    const family = histogram('h_seconds', 'Help.', () => [[{ a: 'b' }, seconds]]);
    const [text] = await textsOf([family]);
    expect(text).toContain(
      [
        '# HELP h_seconds Help.',
        '# TYPE h_seconds histogram',
        'h_seconds_bucket{a="b",le="0.1"} 2',
        'h_seconds_bucket{a="b",le="1"} 3',
        'h_seconds_bucket{a="b",le="+Inf"} 4',
        'h_seconds_sum{a="b"} 7.65',
        'h_seconds_count{a="b"} 4',
      ].join('\n'),
    );
  });

  it('has the name and the help of a large family once, and every value', async () => {
    const counts = Array.from({ length: 2_345 }, (_, n) => [`n${n}`, n] as const);
    const [text] = await textsOf([counter('many_total', 'Many.', () => byLabel('n', counts))]);
    expect(text.match(/^# HELP many_total/gm)?.length).toBe(1);
    const { series } = parse(text);
    const many = series.filter(({ name }) => name === 'many_total');
    expect(many.map(({ labels, value }) => [labels['n'], value])).toEqual(counts);
  });

  it('has a family without values too, so that its name exists', async () => {
    const [text] = await textsOf([gauge('empty', 'Nothing yet.', () => [])]);
    expect(parse(text).types.get('empty')).toBe('gauge');
  });

  it('is written in turns, between which others have theirs', async () => {
    const counts = Array.from({ length: 10_000 }, (_, n) => [`n${n}`, n] as const);
    const family = counter('many_total', 'Many.', () => byLabel('n', counts));
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await textOf([{ ...family, values: [...family.samples()] }]);
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(40);
  });
});

describe('the form of the text', () => {
  const seconds = new Distribution([0.1, 1]);
  seconds.observe(0.5);
  const label = 'a "quoted" \\ back\nslash, {x="y"} 1';
  const families = [
    histogram('h_seconds', 'Help.', () => [[{ a: label }, seconds]]),
    counter('c_total', 'With a \\ and\na line.', () =>
      byLabel('n', [
        [label, 1],
        ['b', 2],
      ]),
    ),
    gauge('g', 'Help.', () => 1),
  ];

  it('is as Prometheus wants it, whatever a label is', async () => {
    const [text] = await textsOf(families);
    expect(expositionMistakes(text)).toEqual([]);
    const escaped = label.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
    expect(text).toContain(`c_total{n="${escaped}"} 1\n`);
    expect(parse(text).value('c_total', { n: escaped })).toBe(1);
  });

  it.each([
    ['a family without help', '# HELP g Help.\n', ''],
    ['a family that comes twice', /$/, '# HELP g Help.\n# TYPE g gauge\ng 2\n'],
    ['a sample twice', 'g 1\n', 'g 1\ng 1\n'],
    ['a sample of another family', '\ng 1\n', '\ng 1\nc_total 1\n'],
    ['a counter of another name', /c_total/g, 'c'],
    ['a gauge that is called a total', /\bg\b/g, 'g_total'],
    ['an unknown type', 'g gauge', 'g summary'],
    ['a negative counter', 'c_total{n="b"} 2', 'c_total{n="b"} -2'],
    ['no number', 'g 1', 'g x'],
    ['a bucket that is smaller than the one before', 'le="0.1"} 0', 'le="0.1"} 2'],
    ['buckets that do not end with the infinite one', 'le="+Inf"', 'le="9"'],
    ['a count that is not that of the buckets', /(h_seconds_count.*) 1/, '$1 2'],
    ['a histogram without its sum', /h_seconds_sum.*\n/, ''],
    ['bounds in another order', 'le="0.1"', 'le="7"'],
    ['no end of the last line', /\n$/, ''],
  ])('%s is found', async (_what, part, instead) => {
    const [text] = await textsOf(families);
    const wrong = text.replace(part, instead);
    expect(wrong).not.toBe(text);
    expect(expositionMistakes(wrong)).not.toEqual([]);
  });
});

describe('the metrics of several processes', () => {
  it('are one family of each name, whose samples say whose they are', async () => {
    const data = (value: number) => [
      {
        name: 'a_total',
        help: 'A.',
        type: 'counter' as const,
        values: [{ labels: { x: 'y' }, value }],
      },
    ];
    const families = await merged([
      { worker: '1', families: data(1) },
      { worker: '2', families: data(2) },
    ]);
    expect(families).toEqual([
      {
        ...data(0)[0],
        values: [
          { labels: { worker: '1', x: 'y' }, value: 1 },
          { labels: { worker: '2', x: 'y' }, value: 2 },
        ],
      },
    ]);
  });
});

async function textsOf(families: Parameters<typeof createExposition>[0]): Promise<[string]> {
  return [await textOf(await createExposition(families).data())];
}

/**
 * Attacks that are known from other GraphQL servers, and some that this one invites: each gets its typed answer, writes nothing,
 * reveals nothing, and costs no more than a named bound while others are served.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_ATTACKS } from '../support/attacks/all.js';
import { answersIn } from '../support/attacks/answers.js';
import { type Attack, type Bounds, SMALL } from '../support/attacks/attack.js';
import {
  carryOut,
  ORDINARY_BODY,
  OTHERS_STATEMENTS,
  type Outcome,
  ordinary,
  replaceDocuments,
} from '../support/attacks/carry-out.js';
import { type Cost, CostMeter, keptBytes } from '../support/attacks/meter.js';
import { contentsOf, openSite, type Site } from '../support/attacks/site.js';

/** An attack may be repeated before it counts as expensive: meanwhile, the engine may have collected garbage or compiled. */
const ATTEMPTS = 3;

/**
 * What may stay once other documents have replaced those of the attacks: answers to introspection at both entrances of two
 * gateways, queries that clients have registered, and code that ran for the first time.
 */
const LEFT_BYTES_MAX = 64 * 1024 * 1024;

const WARM_UP = 300;
const MEASURED = 200;

let site: Site;
let meter: CostMeter;
/** The processor time of an ordinary request, in microseconds. */
let unit: number;
let contents: Readonly<Record<string, string>>;
let logged: number;
/** The memory in use before the first attack. */
let kept: number;

beforeAll(async () => {
  site = await openSite();
  meter = new CostMeter();
  await ordinary(site, WARM_UP);
  const { cost } = await meter.measure(() => ordinary(site, MEASURED));
  unit = cost.work / MEASURED;
  contents = await contentsOf(site);
  await replaceDocuments(site);
  kept = keptBytes();
});
afterAll(async () => {
  meter.close();
  await site.close();
});

interface Carried extends Outcome {
  readonly cost: Cost;
  readonly dear: readonly string[];
}

async function carry(attack: Attack): Promise<Carried> {
  const bounds: Bounds = { ...SMALL, ...attack.bounds };
  for (let attempt = 1; ; attempt += 1) {
    const sends = attack.sends(site);
    const { result, cost } = await meter.measure(() => carryOut(site, sends, attack));
    const dear = excess(cost, bounds, result.received.length);
    if (dear.length === 0 || attempt === ATTEMPTS) return { ...result, cost, dear };
  }
}

function excess(cost: Cost, bounds: Bounds, connections: number): string[] {
  const measured: Bounds = {
    work: Math.round(cost.work / unit),
    turn: Math.round(cost.turn / unit),
    statements: Math.ceil((cost.statements - OTHERS_STATEMENTS) / connections),
    peakBytes: cost.peakBytes,
  };
  return NAMES.filter((name) => measured[name] > bounds[name]).map(
    (name) => `${name}: ${measured[name]} of ${bounds[name]}`,
  );
}

const NAMES = ['work', 'turn', 'statements', 'peakBytes'] as const;

/** What an answer or the log would reveal: stack traces, paths, SQL, the database's errors and its address. */
const REVEALING =
  /node_modules|\bat \S+ \(|file:\/\/|\.[jt]s:\d|\/src\/|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) \w+|relation "|prisma|postgres|ECONN|[Tt]heirs|their-feature/;

/** Headers that would let a page of another site read an answer, lead a client elsewhere, or name the programs. */
const HEADERS =
  /^(access-control-allow-(origin: (?!https:\/\/app\.example\r)|credentials)|set-cookie|location|refresh|server|x-powered-by|via|allow: .*(TRACE|CONNECT))/im;

/** A text that moves the cursor of a terminal, or hides what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is sought.
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\ufffd]/;

function expectQuietLog(): void {
  const text = site.log.text().slice(logged);
  expect(text).not.toMatch(CONTROL);
  expect(text).not.toMatch(/"level":"(error|fatal)"/);
  expect(text).not.toMatch(/tg_sk_|canary/);
  // Every line can be parsed, and is a line.
  for (const line of text.split('\n').slice(0, -1)) expect(JSON.parse(line)).toBeTypeOf('object');
}

describe.each(ALL_ATTACKS)('$kind', ({ attacks }) => {
  it.each(attacks)('$name', async (attack) => {
    logged = site.log.text().length;
    const { answers, received, others, dear } = await carry(attack);
    expect(answers).toEqual([attack.answers].flat());
    expect(others).toEqual([ORDINARY_BODY]);
    for (const text of received) {
      expect(text).not.toMatch(REVEALING);
      expect(text).not.toContain(new URL(site.gateway.database.url).host);
      for (const { head } of answersIn(text)) expect(head).not.toMatch(HEADERS);
    }
    const after = await contentsOf(site);
    for (const table of attack.writes ?? [])
      contents = { ...contents, [table]: after[table] ?? '' };
    expect(after).toEqual(contents);
    expectQuietLog();
    expect(dear).toEqual([]);
  });
});

it('the attacks leave nothing behind once other documents have replaced theirs', async () => {
  await replaceDocuments(site);
  expect(keptBytes() - kept).toBeLessThan(LEFT_BYTES_MAX);
});

it('there are at least 80 attacks, each with a name', () => {
  const names = ALL_ATTACKS.flatMap(({ kind, attacks }) =>
    attacks.map(({ name }) => `${kind} ${name}`),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(80);
});

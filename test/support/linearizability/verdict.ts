/** What a checker says about a history. */

export type Verdict =
  | { readonly verdict: 'LINEARIZABLE'; readonly steps: number }
  | { readonly verdict: 'VIOLATION'; readonly steps: number; readonly furthest: Furthest }
  | { readonly verdict: 'UNDECIDED'; readonly steps: number; readonly reason: string };

/** How far an order of the calls came that explains the most answers. */
export interface Furthest {
  readonly explained: number;
  readonly of: number;
  /** The last calls in that order, by their place in the history. */
  readonly last: readonly number[];
  readonly state: string;
  /** Each of these would have to come next, and none of them fits. */
  readonly stuck: readonly Stuck[];
}

export interface Stuck {
  readonly at: number;
  readonly call: unknown;
  readonly expected: readonly unknown[];
  readonly actual: unknown;
}

/** One line, or a paragraph that says what cannot be explained. */
export function textOfVerdict(verdict: Verdict): string {
  if (verdict.verdict === 'LINEARIZABLE') return `linearizable (${verdict.steps} steps)`;
  if (verdict.verdict === 'UNDECIDED') return `undecided: ${verdict.reason}`;
  const { explained, of, state, stuck } = verdict.furthest;
  const next = stuck.map(
    ({ at, call, expected, actual }) =>
      `  ${at}: ${JSON.stringify(call)}\n     answered ${JSON.stringify(actual)}\n     ` +
      `instead of ${expected.map((each) => JSON.stringify(each)).join(' or ')}`,
  );
  return `NOT linearizable: no order explains more than ${explained} of ${of} answers. In state ${state}:\n${next.join('\n')}`;
}

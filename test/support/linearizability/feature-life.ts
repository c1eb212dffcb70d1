/** One feature, from its creation to its deletion (ADR 48): what each call must answer if the calls come one after the other. */
import type { Decided, Specification } from './history.js';

export type FeatureCall =
  | { readonly verb: 'create' }
  | { readonly verb: 'archive'; readonly archived: boolean }
  /** Usage, without any balance. */
  | { readonly verb: 'use' }
  | { readonly verb: 'look' }
  | { readonly verb: 'delete'; readonly deletion: number }
  /**
   * Not a call of a client: a deletion that is refused in the end may have taken the feature out of the catalogue before. Then
   * it was deleted and came back.
   */
  | { readonly verb: 'out'; readonly deletion: number };

export type FeatureAnswer = Readonly<Record<string, string | boolean | null>>;

interface FeatureState {
  readonly exists: boolean;
  readonly archived: boolean;
  readonly used: boolean;
  /** The deletion that has taken it out of the catalogue; null for none. */
  readonly out: number | null;
  /** Deletions that have been refused. */
  readonly refused: ReadonlySet<number>;
}

type Outcome = Decided<FeatureState, FeatureAnswer>;

const NONE: FeatureState = {
  exists: false,
  archived: false,
  used: false,
  out: null,
  refused: new Set(),
};

export const FEATURE_LIFE: Specification<FeatureState, FeatureCall, FeatureAnswer> = {
  start: NONE,
  decide,
  isSame: (expected, actual) =>
    Object.entries(actual).every(([name, value]) => expected[name] === value),
  textOf: ({ exists, archived, used, out, refused }) =>
    JSON.stringify([exists, archived, used, out, [...refused].sort()]),
};

function decide(state: FeatureState, call: FeatureCall): Outcome {
  switch (call.verb) {
    case 'create':
      return create(state);
    case 'delete':
      return remove(state, call.deletion);
    case 'out':
      return isFound(state) && !state.refused.has(call.deletion)
        ? answered({ ...state, out: call.deletion }, {})
        : answered(state, {});
    default:
      return isFound(state) ? found(state, call) : answered(state, NOT_FOUND);
  }
}

const NOT_FOUND = { code: 'FEATURE_NOT_FOUND' };

function isFound({ exists, out }: FeatureState): boolean {
  return exists && out === null;
}

/** Of a feature that is out of the catalogue, it completes the deletion first, or brings the feature back. */
function create(state: FeatureState): Outcome {
  if (state.exists && (state.out === null || state.used)) {
    return answered({ ...state, out: null }, { code: null, created: false });
  }
  return answered({ ...NONE, exists: true, refused: state.refused }, { code: null, created: true });
}

function found(state: FeatureState, call: FeatureCall): Outcome {
  if (call.verb === 'archive') {
    const { archived } = call;
    return answered({ ...state, archived }, { code: null, archived });
  }
  if (call.verb === 'look') return answered(state, { code: null, archived: state.archived });
  return answered({ ...state, used: true }, { code: null });
}

function remove(state: FeatureState, deletion: number): Outcome {
  if (!state.exists) return answered(state, NOT_FOUND);
  if (!state.used) return answered({ ...NONE, refused: state.refused }, { code: null });
  const refused = new Set(state.refused).add(deletion);
  return answered({ ...state, out: null, refused }, { code: 'FEATURE_IN_USE' });
}

/** Calls that change nothing in this state, but would in another one, get a copy of it: `Decided` says why. */
function answered(next: FeatureState, answer: FeatureAnswer): Outcome {
  return { next, answers: [answer] };
}

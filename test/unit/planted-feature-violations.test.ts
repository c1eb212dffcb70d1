/** Short histories of a feature with one mistake each, which the checker must find, and their like without it. */
import { expect, it } from 'vitest';
import { checkHistory } from '../support/linearizability/check.js';
import {
  FEATURE_LIFE,
  type FeatureAnswer,
  type FeatureCall,
} from '../support/linearizability/feature-life.js';
import type { Operation } from '../support/linearizability/history.js';

type Step = Operation<FeatureCall, FeatureAnswer>;

function at(sentAt: number, answeredAt: number | null, call: FeatureCall, answer: FeatureAnswer) {
  return { sentAt, answeredAt, call, answer: answeredAt === null ? null : answer };
}

const created = at(0, 1, { verb: 'create' }, { code: null, created: true });
const DONE = { code: null };
const GONE = { code: 'FEATURE_NOT_FOUND' };
const IN_USE = { code: 'FEATURE_IN_USE' };
const [USE, LOOK, DELETE, OUT]: FeatureCall[] = [
  { verb: 'use' },
  { verb: 'look' },
  { verb: 'delete', deletion: 1 },
  { verb: 'out', deletion: 1 },
] as const;

it.each<[string, Step[]]>([
  ['a feature is deleted that was used before', [at(2, 3, USE, DONE), at(4, 5, DELETE, DONE)]],
  [
    'a feature is deleted and used at once',
    [at(2, 6, USE, DONE), at(3, 5, DELETE, DONE), at(7, 8, DELETE, IN_USE)],
  ],
  [
    'a feature is found once it is deleted',
    [at(2, 3, DELETE, DONE), at(4, 5, LOOK, { code: null, archived: false })],
  ],
  [
    'one deletion is done twice',
    [at(2, 5, DELETE, DONE), at(3, 6, { verb: 'delete', deletion: 2 }, DONE)],
  ],
  ['a deletion is refused although nothing has used the feature', [at(2, 3, DELETE, IN_USE)]],
  [
    'what was archived is not',
    [
      at(2, 3, { verb: 'archive', archived: true }, { code: null, archived: true }),
      at(4, 5, LOOK, { code: null, archived: false }),
    ],
  ],
  [
    'a new feature is archived as the deleted one was',
    [
      at(2, 3, { verb: 'archive', archived: true }, { code: null, archived: true }),
      at(4, 5, DELETE, DONE),
      at(6, 7, { verb: 'create' }, { code: null, created: true }),
      at(8, 9, LOOK, { code: null, archived: true }),
    ],
  ],
  [
    'a feature is not found after a deletion that was refused',
    [at(2, 3, USE, DONE), at(4, 6, DELETE, IN_USE), at(4, null, OUT, {}), at(7, 8, LOOK, GONE)],
  ],
])('a planted violation is found: %s', (_, steps) => {
  expect(checkHistory(FEATURE_LIFE, [created, ...steps]).verdict).toBe('VIOLATION');
});

it.each<[string, Step[]]>([
  ['usage, and a deletion that is refused', [at(2, 3, USE, DONE), at(4, 5, DELETE, IN_USE)]],
  [
    'a deletion, and usage at once that does not find it',
    [at(2, 6, USE, GONE), at(3, 5, DELETE, DONE)],
  ],
  [
    'two deletions at once',
    [at(2, 5, DELETE, DONE), at(3, 6, { verb: 'delete', deletion: 2 }, GONE)],
  ],
  [
    'a deletion that is refused, while the feature is out',
    [
      at(2, 5, USE, DONE),
      at(3, 9, DELETE, IN_USE),
      at(3, null, OUT, {}),
      at(6, 7, LOOK, GONE),
      at(10, 11, LOOK, { code: null, archived: false }),
    ],
  ],
])('a history without it is linearizable: %s', (_, steps) => {
  expect(checkHistory(FEATURE_LIFE, [created, ...steps]).verdict).toBe('LINEARIZABLE');
});

import type { PipelineFigures } from '../http/pipeline.js';
import type { ReadQueueFigures } from '../meter/read/read-figures.js';
import type { WriteQueueFigures } from '../meter/write/write-figures.js';
import type { StoreFigures } from '../store/store-figures.js';
import type { Family } from './family.js';
import { httpFamilies } from './http-families.js';
import { readFamilies } from './read-families.js';
import { storeFamilies } from './store-families.js';
import { pruneFamilies, rangeFamilies, sweepFamilies } from './upkeep-families.js';
import type { PruneFigures, RangeFigures, SweepFigures } from './upkeep-figures.js';
import { writeFamilies } from './write-families.js';

/** The parts of a gateway that count. They know nothing of metrics: they are read when there is a scrape. */
export interface Sources {
  readonly http: () => PipelineFigures;
  readonly write: () => WriteQueueFigures;
  readonly read: () => ReadQueueFigures;
  readonly store: () => StoreFigures;
  readonly sweep: SweepFigures;
  readonly prune: PruneFigures;
  readonly ranges: RangeFigures;
}

export function familiesOf({ http, write, read, store, sweep, prune, ranges }: Sources): Family[] {
  return [
    ...httpFamilies(http),
    ...writeFamilies(write),
    ...readFamilies(read),
    ...storeFamilies(store),
    ...sweepFamilies(sweep),
    ...pruneFamilies(prune),
    ...rangeFamilies(ranges),
  ];
}

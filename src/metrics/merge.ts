import type { FamilyData } from './exposition.js';
import type { Sample } from './family.js';
import { turn } from './turn.js';

/** What one of several processes has told. */
export interface Told {
  readonly worker: string;
  readonly families: readonly FamilyData[];
}

/**
 * One family of each name, whose samples say which process they are of. They are not added up: the counts of a worker that is
 * replaced start anew, and only of a series by itself can Prometheus tell that.
 */
export async function merged(processes: readonly Told[]): Promise<readonly FamilyData[]> {
  const families = new Map<string, FamilyData & { values: Sample[] }>();
  for (const { worker, families: told } of processes) {
    for (const { values, ...family } of told) {
      const known = families.get(family.name) ?? { ...family, values: [] };
      families.set(family.name, known);
      for (const { labels, ...sample } of values) {
        known.values.push({ ...sample, labels: { worker, ...labels } });
      }
    }
    await turn();
  }
  return [...families.values()];
}

/** Events that are recorded while a search runs do not make it return one of them twice, or skip one. */
import { expect, it } from 'vitest';
import type { EventPage, ReadPath } from '../../src/meter/read/read-path.js';
import { uuidOf } from '../../src/platform/id.js';
import { eventReads } from '../../src/store/events.js';
import type { Row } from '../../src/store/read-client.js';
import { NO_FILTER } from '../support/meter/no-filter.js';
import { answersOf } from '../support/meter/read-queue.js';

/** The id of the event that occurred at this time. */
const idAt = (time: number) => uuidOf(time, '7'.repeat(20));

const rowAt = (time: number): Row => [
  ...['1', 'project', 'customer', idAt(time), null, 'rare', null, '1', null],
  ...['0', '0', null, '{"v":1,"d":[],"u":[]}'],
];

/** The search finds events of these times and, by the time it has been told where it stops, has come no further than this. */
async function searched(found: readonly number[], stopped: number | null, inverted: boolean) {
  const answers = [found.map(rowAt), stopped === null ? [] : [['1', idAt(stopped)]]];
  const client = { rows: async () => answers.shift() ?? [] };
  const page: EventPage = {
    filter: { ...NO_FILTER, customerKey: 'c', featureId: 'rare' },
    ...{ limit: 21, after: null, before: null, inverted, withProperties: false },
  };
  const reads = answersOf(eventReads(client) as unknown as ReadPath);
  const [answer] = await reads.eventPages('project', [page]);
  return answer?.stoppedAt;
}

it.each([
  ['newest first', [900, 500], 100, false, 100],
  ['newest first, with others recorded meanwhile', [900, 500], 700, false, 500],
  ['oldest first', [100, 500], 900, true, 900],
  ['oldest first, with others recorded meanwhile', [100, 500], 300, true, 500],
  ['without a find', [], 700, false, 700],
])(
  '%s: the next page begins after all that were found',
  async (_how, found, stopped, inverted, next) => {
    expect(await searched(found, stopped, inverted)).toBe(idAt(next));
  },
);

it('a search that reaches the end stops nowhere', async () => {
  expect(await searched([900, 500], null, false)).toBeNull();
});

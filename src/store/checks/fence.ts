import { CLOSED_SINCE } from '../fence.js';
import type { Check } from './check.js';
import { ok, problem } from './finding.js';

/** Whether calls may write. */
export const fenceCheck: Check = {
  codes: ['fence'],
  embedded: false,
  tables: true,
  async run({ client }) {
    const query = { text: CLOSED_SINCE, values: [] };
    const { rows } = await client.query<{ since: string | null }>(query);
    const since = rows[0]?.since ?? null;
    if (since === null) return [ok('fence', 'Customers are open to writes.')];
    return [
      problem('fence', {
        found: `Customers are closed to writes since ${since}.`,
        meaning:
          'Whatever writes is answered DATABASE_UNAVAILABLE, until they are opened. That is as it should be for as long as they are moved or maintained.',
        advice: 'If that is over, run:',
        commands: ['npm run places -- open'],
      }),
    ];
  },
};

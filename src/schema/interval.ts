import type { IntervalUnit } from '../domain/interval.js';
import { builder } from './builder.js';

export const ResetInterval = builder.enumType('ResetInterval', {
  description:
    'A unit of time for reset periods. Boundaries are counted from an anchor, in the time zone ' +
    'of the balance.',
  values: {
    MINUTE: { description: 'Sixty seconds.' },
    HOUR: { description: 'Sixty minutes, in every time zone.' },
    DAY: { description: 'A calendar day; 24 hours in UTC.' },
    WEEK: { description: 'Seven days.' },
    MONTH: {
      description:
        "A calendar month. The boundary is on the anchor's day of the month, or on the last day " +
        'of a shorter month.',
    },
    QUARTER: { description: 'Three calendar months.' },
    SEMI_ANNUAL: { description: 'Six calendar months.' },
    YEAR: { description: 'Twelve calendar months.' },
  } satisfies Record<IntervalUnit, { description: string }>,
});

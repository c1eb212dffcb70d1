import { type Balance, totalUsed } from './balance.js';
import { QUANTITY_MAX, quantityToText } from './quantity.js';
import { invalidInput, quoted, type Refusal } from './refusal.js';

/** Of an event that gave back so much that it cannot be taken again. */
export function tooMuchToTakeAgain(eventId: string, balance: Balance): Refusal {
  const most = quantityToText(QUANTITY_MAX);
  return invalidInput([
    {
      path: 'eventId',
      value: quoted(eventId),
      rule: 'sum',
      message:
        `To take again what this event gave back would bring the usage of the balance "${balance.id}" of ` +
        `${quoted(balance.featureId)} to ${quantityToText(totalUsed(balance))}, and at most ${most} can be ` +
        'counted. Give some of it back with a negative value first.',
    },
  ]);
}

/** What every correction of a balance says: which one, by whom and why. */

import { customerScope } from '../../meter/customer-key.js';
import { type NamedBalance, rowIdOf } from '../../meter/named-balance.js';
import type { Note } from '../../meter/write/write-path.js';
import type { builder } from '../builder.js';
import type { Context } from '../context.js';
import { partsOf, readGlobalId } from '../global-id.js';
import { exactlyOne } from './constraints.js';
import * as rules from './rules.js';

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  typeof builder.$inferSchemaTypes,
  'InputObject'
>;

/** Which balance it is. */
export const nameFields = (t: InputFields) => ({
  customerId: t.string({
    required: true,
    validate: rules.id,
    description: 'The customer that owns the balance, itself or through one of its entities.',
  }),
  id: t.id({
    validate: rules.id,
    description: 'The global id of the balance. Give either this or `balanceId`.',
  }),
  balanceId: t.string({
    validate: rules.id,
    description: 'Your own id of the balance, as it was given to `createBalance`.',
  }),
});

/** It has one name. */
export const oneName = exactlyOne('id', 'balanceId');

export const noteFields = (t: InputFields) => ({
  reason: t.string({
    validate: rules.reason,
    description: 'Why, for the ledger: up to 500 characters.',
  }),
  actor: t.string({
    validate: rules.actor,
    description:
      'Who decided it, for the ledger: up to 255 characters, such as a name or an id of yours.',
  }),
  idempotencyKey: t.string({
    validate: rules.idempotencyKey,
    description:
      'A key of your own that makes the call safe to repeat: however often it is sent, it is done once, and every ' +
      'repetition gets the first answer. 1 to 255 bytes, unique within the customer. If omitted, it comes from the header ' +
      '`Idempotency-Key`, if that is sent.',
  }),
});

interface Named {
  readonly customerId: string;
  readonly id?: string | number | null | undefined;
  readonly balanceId?: string | null | undefined;
}

/** Whatever is no id of a balance of the customer names none. One of the two ids is given. */
export function toNamedBalance(given: Named, { caller }: Context): NamedBalance {
  const { customerId, balanceId = null } = given;
  const { customerKey } = customerScope(caller.projectId, customerId);
  if (balanceId !== null) {
    return { customerId, id: rowIdOf(customerKey, balanceId), name: balanceId };
  }
  const name = String(given.id);
  const decoded = readGlobalId(name);
  const isBalance = decoded?.typename === 'Balance';
  const [ownerKey, rowId = ''] = isBalance ? partsOf('Balance', decoded.id) : [];
  return { customerId, id: ownerKey === customerKey ? rowId : '', name };
}

interface Noted {
  readonly reason?: string | null | undefined;
  readonly actor?: string | null | undefined;
}

export function toNote({ reason = null, actor = null }: Noted): Note {
  return { reason, actor };
}

/** The input of a check, and its rules: as an item of a list, or as the arguments of a customer's field. */
import { invalidInput } from '../../domain/refusal.js';
import type { CheckBalanceInput } from '../../meter/check-balance.js';
import { done, type Result, refuse } from '../../meter/verb.js';
import { builder } from '../builder.js';
import { exactlyOne } from './constraints.js';
import { inputErrors } from './input-rules.js';
import { issuesOf } from './invalid-input.js';
import * as rules from './rules.js';
import { toJsonObject, toQuantity } from './values.js';

const DEFAULT_REQUIRED = 1;

const REQUIRED_BALANCE =
  'How much is to be used, with up to 10 decimals, never negative. 0 asks whether the feature is held at all.';

const PROPERTIES =
  'The properties that the usage would have, as a JSON object of at most 64 KiB. ' +
  'The cost in a credit system may depend on them.';

const EVENT_NAME =
  'What is to happen in your product. It is allowed if every feature that lists this name allows it.';

export const BalancesCheckInput = builder.inputType('BalancesCheckInput', {
  description: 'Usage to check. Give exactly one of `featureId` and `eventName`.',
  fields: (t) => ({
    customerId: t.string({ required: true, description: 'The id of the customer.' }),
    featureId: t.string({ description: 'The id of the feature that is to be used.' }),
    eventName: t.string({ description: EVENT_NAME }),
    entityId: t.string({
      description: "The id of the customer's entity, if the usage belongs to one.",
    }),
    requiredBalance: t.float({ defaultValue: DEFAULT_REQUIRED, description: REQUIRED_BALANCE }),
    properties: t.field({ type: 'JSON', description: PROPERTIES }),
  }),
});

/** The same, where the customer or the entity is known already. */
export const checkArguments = builder.args((t) => ({
  featureId: t.string({
    description:
      'The id of the feature that is to be used. Give exactly one of this and `eventName`.',
  }),
  eventName: t.string({ description: EVENT_NAME }),
  requiredBalance: t.float({ defaultValue: DEFAULT_REQUIRED, description: REQUIRED_BALANCE }),
  properties: t.field({ type: 'JSON', description: PROPERTIES }),
}));

const checked = {
  featureId: rules.id,
  eventName: rules.eventName,
  requiredBalance: rules.quantityNotNegative,
  properties: rules.properties,
};

const constraint = exactlyOne('featureId', 'eventName');

const argumentErrors = inputErrors({ fields: checked, required: [], constraint });

const errorsIn = inputErrors({
  fields: { ...checked, customerId: rules.id, entityId: rules.id },
  required: ['customerId'],
  constraint,
});

type Input = typeof BalancesCheckInput.$inferInput;
type Arguments = Omit<Input, 'customerId' | 'entityId'>;
type Checked = Omit<CheckBalanceInput, 'customerId' | 'entityId'>;

/** The input of the verb, or the refusal if it breaks the rules. */
export function readCheckInput(input: Input): Result<CheckBalanceInput> {
  const error = errorsIn(input);
  if (error !== undefined) return refuse(invalidInput(issuesOf(error, input)));
  const { customerId, entityId = null } = input;
  return done({ ...toChecked(input), customerId, entityId });
}

/** The same of arguments. */
export function readCheckArguments(args: Arguments): Result<Checked> {
  const error = argumentErrors(args);
  if (error !== undefined) return refuse(invalidInput(issuesOf(error, args)));
  return done(toChecked(args));
}

function toChecked({ featureId, eventName, requiredBalance, properties }: Arguments): Checked {
  return {
    featureId: featureId ?? null,
    eventName: eventName ?? null,
    value: toQuantity(requiredBalance ?? DEFAULT_REQUIRED),
    properties: toJsonObject(properties),
  };
}

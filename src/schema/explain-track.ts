import { costToNumber } from '../domain/cost.js';
import { EXPLAINED_MAX, type ExplainedStep } from '../domain/explain.js';
import { type ExplainTrack, explainTrack } from '../meter/explain-track.js';
import { builder } from './builder.js';
import { AT_HAND, costs } from './cost.js';
import { UnappliedAmount } from './deduction.js';
import { ErrorCode } from './error-code.js';
import { returnedUnion, returnedUnionValue } from './errors.js';
import { argumentRules } from './input/argument-rules.js';
import { BalancesTrackInput, readTrackInput } from './input/track-input.js';
import { CHECK, holds, UNAPPLIED_MAX } from './list-size.js';
import { BalanceRef, type CustomerNode, FeatureRef } from './nouns.js';

interface StepNode extends ExplainedStep {
  readonly owner: CustomerNode;
}

const DrainCriterion = builder.enumType('DrainCriterion', {
  description: 'What puts a balance before the next one in drain order.',
  values: {
    UNLIMITED: { description: 'It is unlimited.' },
    ENTITY: { description: "It is the entity's own." },
    PRIORITY: { description: 'It has a lower priority.' },
    OWN_FEATURE: { description: 'It is of the charged feature, not of a credit system.' },
    ROLLED_OVER: { description: 'It was rolled over from an earlier period.' },
    LOST_FIRST: { description: 'What is left of it would be lost sooner.' },
    NO_OVERAGE: { description: 'It does not allow overage.' },
    OLDEST: { description: 'It is older.' },
  },
});

const PlannedStep = builder.objectRef<StepNode>('PlannedStep').implement({
  extensions: costs(AT_HAND),
  description:
    'The grant of a balance that could pay, or an amount rolled over, in its place in drain order.',
  fields: (t) => ({
    chargedFeature: t.field({
      type: FeatureRef,
      description: 'The feature that would be charged.',
      resolve: ({ chargedFeatureId }) => ({ id: chargedFeatureId }),
    }),
    place: t.exposeInt('place', {
      description: 'Its place among those that could pay for the charged feature, from 1.',
    }),
    balance: t.field({
      type: BalanceRef,
      extensions: costs(AT_HAND),
      scopes: ['balances:read'],
      description: 'The balance, as it would be when its turn comes.',
      resolve: ({ balance, owner }) => ({ ...balance, owner }),
    }),
    isRolledOver: t.boolean({
      description: 'Whether it is an amount of the balance that was rolled over.',
      resolve: ({ rolledOver }) => rolledOver !== null,
    }),
    cost: t.float({
      description: 'What one unit of the charged feature costs in units of the balance.',
      resolve: ({ cost }) => costToNumber(cost),
    }),
    costWhere: t.field({
      type: 'JSON',
      nullable: true,
      description:
        "The `where` of the credit system's cost that applies. Null if that cost is for all other usage, and for the feature's own balances.",
      resolve: ({ where }) => where,
    }),
    criterion: t.expose('criterion', {
      type: DrainCriterion,
      nullable: true,
      description: 'What puts it before the next one. Null for the last.',
    }),
    available: t.exposeFloat('available', {
      nullable: true,
      description: 'What could be taken within the grant. Null for any amount.',
    }),
    availableOverage: t.exposeFloat('availableOverage', {
      nullable: true,
      description: 'What could be taken beyond the grant. Null for any amount.',
    }),
    takenAsGrant: t.exposeFloat('granted', {
      description: 'What would be taken within the grant. Negative if it would be given back.',
    }),
    takenAsOverage: t.exposeFloat('overage', {
      description: 'What would be taken beyond the grant. Negative if it would be given back.',
    }),
  }),
});

const ExplainTrackPayload = builder.objectRef<ExplainTrack>('ExplainTrackPayload').implement({
  extensions: costs(CHECK),
  description: 'What `trackBalance` would do now.',
  fields: (t) => ({
    steps: t.field({
      type: [PlannedStep],
      extensions: holds(EXPLAINED_MAX),
      description: `Everything that could pay, in drain order, for each charged feature; the first ${EXPLAINED_MAX} if there is more.`,
      resolve: ({ steps, owner }) => steps.map((step) => ({ ...step, owner })),
    }),
    unapplied: t.expose('unapplied', {
      type: [UnappliedAmount],
      extensions: holds(UNAPPLIED_MAX),
      description: 'What could not be taken, for each charged feature.',
    }),
    refusal: t.field({
      type: ErrorCode,
      nullable: true,
      description: 'What it would be refused with. Null if it would be accepted.',
      resolve: ({ refusal }) => refusal?.code ?? null,
    }),
    refusalMessage: t.string({
      nullable: true,
      description: 'The message of that refusal.',
      resolve: ({ refusal }) => refusal?.message ?? null,
    }),
  }),
});

const ExplainTrackResult = returnedUnion('ExplainTrackResult', {
  description: 'The result of `explainTrack`.',
  payload: ExplainTrackPayload,
  refusals: ['CUSTOMER_NOT_FOUND', 'ENTITY_NOT_FOUND', 'FEATURE_NOT_FOUND', 'EVENT_NAME_NOT_FOUND'],
});

builder.queryField('explainTrack', (t) =>
  t.field({
    type: ExplainTrackResult,
    scopes: ['check:read'],
    description:
      'What `trackBalance` would do with this input now, step by step. It writes nothing, and does not look up the ' +
      'idempotency key.',
    args: {
      input: t.arg({
        type: BalancesTrackInput,
        required: true,
        extensions: argumentRules(null),
        description: 'The usage to explain.',
      }),
    },
    resolve: (_root, { input }, context) => {
      const read = readTrackInput(input);
      return read.ok
        ? explainTrack(context, read.value).then(returnedUnionValue)
        : returnedUnionValue<ExplainTrack>(read);
    },
  }),
);

/** Typed refusals: a "no" is data, in a union beside the payload. */

import type { ObjectRef } from '@pothos/core';
import type { InputIssue, Refusal } from '../domain/refusal.js';
import { isScope, SCOPES } from '../meter/access/scopes.js';
import type { Result } from '../meter/verb.js';
import { builder } from './builder.js';
import { AT_HAND, costs } from './cost.js';
import { UnappliedAmount } from './deduction.js';
import {
  DenialReason,
  LARGEST_ALLOWED,
  LARGEST_CAPTURED,
  largestShown,
  MISSING_ROUNDED,
  missingShown,
  NEXT_CHANGE_AT,
} from './denial-reason.js';
import { ErrorInterface } from './error-interface.js';
import { FeatureArchivedError, FeatureInUseError } from './feature-refusals.js';
import { encodeGlobalId } from './global-id.js';
import { InvalidInput } from './input/invalid-input.js';
import { CREDIT_COSTS_MAX, ISSUES_MAX } from './input/limits.js';
import { holds, UNAPPLIED_MAX } from './list-size.js';
import { ReservationStatus } from './reservation-status.js';
import { ScopeEnum } from './scope.js';

type SchemaTypes = typeof builder.$inferSchemaTypes;

/** Refusals as the verbs return them. Invalid input is an exception, because zod throws. */
type Refused = Exclude<Refusal, { code: 'INVALID_INPUT' }>;
type RefusedAs<Code> = Extract<Refused, { code: Code }>;
type NotFound = RefusedAs<`${string}_NOT_FOUND`>;

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  extensions: costs(AT_HAND),
  description: 'One problem with the input.',
  fields: (t) => ({
    path: t.exposeString('path', {
      description: 'Where the value is in the input, such as `properties.tags.3`.',
    }),
    value: t.exposeString('value', {
      description:
        'The value as JSON text, shortened if it is long. Of an object, the first members are shown; lists and what is ' +
        'within these members are only `[…]` or `{…}`, unless they are empty.',
    }),
    rule: t.exposeString('rule', {
      description: 'The name of the rule, for programs. Unlike the message, it does not change.',
    }),
    message: t.exposeString('message', {
      description: 'A readable explanation of what the value must be.',
    }),
  }),
});

const InvalidInputType = builder.objectType(InvalidInput, {
  name: 'InvalidInputError',
  // Thrown by plugin-zod, it is an instance of the class; returned by a verb, it is the refusal itself.
  isTypeOf: (value) => isRefused(value) && value.code === 'INVALID_INPUT',
  description:
    'The input is invalid. Nothing was written, and the idempotency key can be used again.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.expose('issues', {
      type: [InputIssueType],
      // A verb names each credit cost that is wrong.
      extensions: holds(Math.max(ISSUES_MAX, CREDIT_COSTS_MAX)),
      description:
        'The problems that were found. At most 20 are listed, except for credit costs, where each wrong one is.',
    }),
  }),
});

const notFound = (name: string, description: string) =>
  builder.objectRef<NotFound>(name).implement({ description, interfaces: [ErrorInterface] });

const NOT_STORED = 'Null, too, in answers that were first given by a release without this field.';

/** The type of each refusal that a verb can return. */
const REFUSALS = {
  CUSTOMER_NOT_FOUND: notFound(
    'CustomerNotFoundError',
    'There is no customer with this id in the project.',
  ),
  ENTITY_NOT_FOUND: notFound('EntityNotFoundError', 'The customer has no entity with this id.'),
  FEATURE_NOT_FOUND: notFound(
    'FeatureNotFoundError',
    'There is no feature with this id in the project.',
  ),
  EVENT_NAME_NOT_FOUND: notFound(
    'EventNameNotFoundError',
    'No feature of the project lists this event name.',
  ),
  BALANCE_NOT_FOUND: notFound(
    'BalanceNotFoundError',
    'The customer has no balance with this id that has not ended.',
  ),
  EVENT_NOT_FOUND: notFound(
    'EventNotFoundError',
    'There is no usage event with this id in the project.',
  ),
  PROJECT_NOT_FOUND: notFound(
    'ProjectNotFoundError',
    'There is no project with this id to which the key that was sent gives access.',
  ),
  API_KEY_NOT_FOUND: notFound(
    'ApiKeyNotFoundError',
    'There is no key with this id that the key that was sent can manage.',
  ),
  RESERVATION_NOT_FOUND: notFound(
    'ReservationNotFoundError',
    'The customer has no reservation with this id.',
  ),
  RESERVATION_ENDED: builder
    .objectRef<RefusedAs<'RESERVATION_ENDED'>>('ReservationEndedError')
    .implement({
      description: 'The reservation has been captured or released, or has expired.',
      interfaces: [ErrorInterface],
      fields: (t) => ({
        how: t.expose('how', { type: ReservationStatus, description: 'How it ended.' }),
        endedAt: t.expose('endedAt', { type: 'DateTime', description: 'When it ended.' }),
        used: t.exposeFloat('used', { description: 'The amount that was captured of it.' }),
      }),
    }),
  TOO_MANY_RESERVATIONS: builder
    .objectRef<RefusedAs<'TOO_MANY_RESERVATIONS'>>('TooManyReservationsError')
    .implement({
      description:
        'The customer has as many reservations that have not ended, or amounts that they hold, as it can have.',
      interfaces: [ErrorInterface],
      fields: (t) => ({
        replayed: t.exposeBoolean('replayed', {
          description:
            'Whether this is the answer to an earlier call with the same reservation id.',
        }),
      }),
    }),
  SCOPES_NOT_HELD: builder.objectRef<RefusedAs<'SCOPES_NOT_HELD'>>('ScopesNotHeldError').implement({
    description: 'The key that was sent lacks scopes that it was to give.',
    interfaces: [ErrorInterface],
    fields: (t) => ({
      scopes: t.field({
        type: [ScopeEnum],
        extensions: holds(SCOPES.length),
        description: 'The scopes that it lacks.',
        resolve: ({ scopes }) => scopes.filter(isScope),
      }),
    }),
  }),
  API_KEY_ENDED: builder.objectRef<RefusedAs<'API_KEY_ENDED'>>('ApiKeyEndedError').implement({
    description: 'The key has been rotated or revoked, or has expired; the message says which.',
    interfaces: [ErrorInterface],
  }),
  ALREADY_EXISTS: builder.objectRef<RefusedAs<'ALREADY_EXISTS'>>('AlreadyExistsError').implement({
    description: 'The id is already in use for something else.',
    interfaces: [ErrorInterface],
  }),
  IDEMPOTENCY_CONFLICT: builder
    .objectRef<RefusedAs<'IDEMPOTENCY_CONFLICT'>>('IdempotencyConflictError')
    .implement({
      description: 'The idempotency key was first used with different input.',
      interfaces: [ErrorInterface],
      fields: (t) => ({
        idempotencyKey: t.exposeString('idempotencyKey', { description: 'The idempotency key.' }),
        field: t.exposeString('field', {
          description:
            'The first field of the input that differs, or `operation` if the key was first used by ' +
            'another mutation.',
        }),
      }),
    }),
  FEATURE_ARCHIVED: FeatureArchivedError,
  FEATURE_IN_USE: FeatureInUseError,
  EVENT_VOIDED: builder.objectRef<RefusedAs<'EVENT_VOIDED'>>('EventVoidedError').implement({
    description: 'The usage event has been undone or amended, so nothing can take its place.',
    interfaces: [ErrorInterface],
    fields: (t) => ({
      voidedAt: t.expose('voidedAt', { type: 'DateTime', description: 'When that was.' }),
      amendedById: t.id({
        nullable: true,
        description:
          'The `id` of the usage event in its place, which can be amended; null if it was only undone.',
        resolve: ({ amendedBy }) =>
          amendedBy && encodeGlobalId('UsageEvent', `${amendedBy.customerKey}:${amendedBy.id}`),
      }),
    }),
  }),
  INSUFFICIENT_BALANCE: builder
    .objectRef<RefusedAs<'INSUFFICIENT_BALANCE'>>('InsufficientBalanceError')
    .implement({
      description:
        'The balances cannot cover the usage or the reservation, and `overageBehavior` is REJECT. Nothing was written.',
      interfaces: [ErrorInterface],
      fields: (t) => ({
        missing: t.field({
          type: [UnappliedAmount],
          extensions: holds(UNAPPLIED_MAX),
          description: `What was missing, for each charged feature. ${MISSING_ROUNDED}`,
          resolve: ({ missing }) => missingShown(missing),
        }),
        reason: t.field({
          type: DenialReason,
          nullable: true,
          description: `Why it was refused. ${NOT_STORED}`,
          resolve: ({ why }) => why?.reason ?? null,
        }),
        largestAllowed: t.float({
          nullable: true,
          description: `${LARGEST_ALLOWED} ${LARGEST_CAPTURED} ${NOT_STORED}`,
          resolve: ({ why }) => largestShown(why?.largestAllowed ?? null),
        }),
        nextChangeAt: t.field({
          type: 'DateTime',
          nullable: true,
          description: `${NEXT_CHANGE_AT} ${NOT_STORED}`,
          resolve: ({ why }) => why?.nextChangeAt ?? null,
        }),
        replayed: t.exposeBoolean('replayed', {
          description:
            'Whether this is the answer to an earlier call with the same idempotency key.',
        }),
      }),
    }),
} as const;

interface ResultOptions<Payload> {
  readonly description: string;
  readonly payload: ObjectRef<SchemaTypes, Payload>;
  /** In addition to INVALID_INPUT, which applies to every input. */
  readonly refusals: readonly (keyof typeof REFUSALS)[];
}

/** The union of a payload and of every refusal that can take its place. */
export function resultUnion<Payload extends object>(name: string, options: ResultOptions<Payload>) {
  return builder.errorUnion(name, {
    ...membersOf(options),
    types: [InvalidInput, ...typesOf(options)],
  });
}

/** The same for resolvers that throw no refusals and therefore need no wrapper to catch them. */
export function returnedUnion<Payload extends object>(
  name: string,
  options: ResultOptions<Payload>,
) {
  const types = [asRefusal(InvalidInputType), ...typesOf(options)];
  return builder.unionType(name, { ...membersOf(options), types });
}

/** The fields of the type require no more than the refusal has. */
function asRefusal(type: typeof InvalidInputType) {
  return type as ObjectRef<SchemaTypes, unknown> as ObjectRef<
    SchemaTypes,
    Extract<Refusal, { code: 'INVALID_INPUT' }>
  >;
}

function typesOf<Payload>({ payload, refusals }: ResultOptions<Payload>) {
  const types: readonly ObjectRef<SchemaTypes, Refused>[] = refusals.map((code) => REFUSALS[code]);
  return [payload, ...types];
}

function membersOf<Payload extends object>(options: ResultOptions<Payload>) {
  const { description, payload } = options;
  return {
    description,
    // No payload has a field `code`, and every refusal has one.
    resolveType(value: object) {
      if (!isRefused(value)) return payload.name;
      return value.code === 'INVALID_INPUT' ? InvalidInputType.name : REFUSALS[value.code].name;
    },
  };
}

function isRefused(value: unknown): value is { code: 'INVALID_INPUT' | keyof typeof REFUSALS } {
  return typeof value === 'object' && value !== null && 'code' in value;
}

/** A result as the value of a result union: what the verb did, or the refusal in its place. */
export function unionValue<T>(result: Result<T>): T | InvalidInput | Refused {
  if (result.ok) return result.value;
  const { refusal } = result;
  return refusal.code === 'INVALID_INPUT' ? new InvalidInput(refusal.issues) : refusal;
}

/** The same as a value of a `returnedUnion`. */
export function returnedUnionValue<T>(result: Result<T>): T | Refusal {
  return result.ok ? result.value : result.refusal;
}

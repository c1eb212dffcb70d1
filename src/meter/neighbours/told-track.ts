/** `trackBalance` between gateways: a call in a dozen values, and its result as it is stored under an idempotency key. */
import { OVERAGE_BEHAVIORS } from '../../domain/deduction.js';
import type { Instant } from '../../domain/interval.js';
import {
  elementsOf,
  int,
  oneOf,
  orNull,
  type Reader,
  tail,
  text,
  textOf,
} from '../../domain/stored-values.js';
import { trackFingerprint } from '../../domain/track.js';
import { JsonText } from '../../platform/json-text.js';
import type { JsonObject } from '../store.js';
import { type StoredTrackBalance, trackBalanceToJson } from '../stored/track-balance.js';
import { type TrackBalanceInput, TrackCommand } from '../track-command.js';
import { done, type Result } from '../verb.js';
import type { ToldCommand } from './neighbour.js';

/** A result as JSON text, for the gateway that has sent the command. */
export interface ToldResult {
  readonly stored: string;
  readonly recordedAt: Instant;
  readonly replayed: boolean;
}

/** The command as text. Amounts are whole numbers of the smallest unit. */
export function toldOf(
  { scope, input, properties, idempotency }: TrackCommand<unknown>,
  tail: string,
): ToldCommand {
  const text = JSON.stringify([
    scope.projectId,
    input.customerId,
    input.featureId,
    input.eventName,
    input.value.toString(),
    properties?.text ?? null,
    input.entityId,
    input.timestamp,
    input.overageBehavior,
    input.idempotencyKey,
    idempotency?.key ?? null,
    idempotency?.fingerprint['properties'] ?? null,
    tail,
  ]);
  return text.slice(1, -1);
}

/** The values of a command. */
const VALUES = 13;

const optional = orNull(text);

const optionalTime = orNull(int);

const behavior = oneOf(OVERAGE_BEHAVIORS);

const value: Reader<bigint> = textOf(/^-?\d{1,40}$/, 'an amount', BigInt);

/** What a neighbour has sent, ready to be decided. Throws if it is not what `toldOf` makes. */
export function toldTrack(values: readonly unknown[]): ToldTrackCommand {
  const told = elementsOf(values, VALUES);
  const properties = told.at(5, optional);
  const given = told.at(9, optional);
  const key = told.at(10, optional);
  const digest = told.at(11, optional);
  const input: TrackBalanceInput = {
    customerId: told.at(1, text),
    featureId: told.at(2, optional),
    eventName: told.at(3, optional),
    value: told.at(4, value),
    properties: properties === null ? null : objectOf(properties),
    idempotencyKey: given,
    entityId: told.at(6, optional),
    timestamp: told.at(7, optionalTime),
    overageBehavior: told.at(8, behavior),
  };
  const idempotency =
    given === null || key === null
      ? null
      : { given, key, fingerprint: trackFingerprint(input, digest) };
  return new ToldTrackCommand({
    projectId: told.at(0, text),
    input,
    properties: properties === null ? null : new JsonText(properties),
    idempotency,
    tail: told.at(12, tail),
  });
}

function objectOf(text: string): JsonObject {
  return JSON.parse(text);
}

/** A command whose result goes back to a neighbour. */
export class ToldTrackCommand extends TrackCommand<ToldResult> {
  replay(json: unknown, recordedAt: Instant): Result<ToldResult> {
    return done({ stored: JSON.stringify(json), recordedAt, replayed: true });
  }

  resultOf(stored: StoredTrackBalance, recordedAt: Instant, replayed: boolean): Result<ToldResult> {
    return done({ stored: trackBalanceToJson(stored), recordedAt, replayed });
  }
}

/** `trackBalance` between gateways: a call in a dozen values, and its result as it is stored under an idempotency key. */
import { z } from 'zod';
import { OVERAGE_BEHAVIORS } from '../../domain/deduction.js';
import type { Instant } from '../../domain/interval.js';
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

const text = z.string().nullable();

const schema = z.tuple([
  z.string(),
  z.string(),
  text,
  text,
  z.string().regex(/^-?\d{1,40}$/),
  text,
  text,
  z.int().nullable(),
  z.enum(OVERAGE_BEHAVIORS),
  text,
  text,
  text,
  z.string().regex(/^[0-9a-f]{20}$/),
]);

/** What a neighbour has sent, ready to be decided. Throws if it is not what `toldOf` makes. */
export function toldTrack(values: readonly unknown[]): ToldTrackCommand {
  const [
    projectId,
    customerId,
    featureId,
    eventName,
    value,
    properties,
    entityId,
    timestamp,
    overageBehavior,
    given,
    key,
    digest,
    tail,
  ] = schema.parse(values);
  const input: TrackBalanceInput = {
    customerId,
    featureId,
    eventName,
    value: BigInt(value),
    properties: properties === null ? null : objectOf(properties),
    idempotencyKey: given,
    entityId,
    timestamp,
    overageBehavior,
  };
  const idempotency =
    given === null || key === null
      ? null
      : { given, key, fingerprint: trackFingerprint(input, digest) };
  return new ToldTrackCommand({
    projectId,
    input,
    properties: properties === null ? null : new JsonText(properties),
    idempotency,
    tail,
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

/**
 * The idempotency key that a request has in a header (ADR 31). It is read for mutations only, and before any of them runs: a key
 * that cannot be used must not become a call without one, which a retry would repeat.
 */
import type { ExecutionResult } from 'graphql';
import { RequestKey } from '../schema/request-key.js';
import type { Claim } from './claim.js';
import type { Operation } from './document.js';
import { shortened } from './echo.js';
import { protocolError } from './errors.js';
import type { Incoming, Reply } from './incoming.js';
import type { Params } from './params.js';

const HEADER = 'idempotency-key';

/** What follows it, a slash and the index of an item of a batch, has to fit into a key as well. */
export const HEADER_KEY_CHARS_MAX = 250;

/** The key of a request for a mutation; null if it has none. `fallback`: a header that is read if the usual one is missing. */
export function requestKeyOf(
  incoming: Incoming,
  fallback: string | null,
  { mutationKeys }: Pick<Operation, 'mutationKeys'>,
  { variables }: Pick<Params, 'variables'>,
): RequestKey | null {
  let name = HEADER;
  let value = incoming.header(name);
  if (value === undefined && fallback !== null) {
    name = fallback;
    value = incoming.header(name);
  }
  if (value === undefined) return null;
  const key = parsed(name, value);
  const responseKeys = mutationKeys(variables);
  const isOfOne = responseKeys.length === 1;
  const longest = isOfOne ? 0 : Math.max(0, ...responseKeys.map(({ length }) => length + 1));
  if (key.length + longest > HEADER_KEY_CHARS_MAX) {
    const which = isOfOne ? '' : ', with a slash and the longest response key of its mutations,';
    throw unusable(
      name,
      value,
      `is too long: it${which} may have ${HEADER_KEY_CHARS_MAX} characters`,
    );
  }
  return new RequestKey(key, { isOfOne });
}

/** As in the standard's draft, a string in quotes; most clients send the same without quotes. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
const BARE = /^[ -~]*$/;

function parsed(name: string, value: string): string {
  const text = withoutSpaceAround(value);
  const quoted = QUOTED.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1');
  const key = quoted ?? text;
  const why = quoted === undefined ? wrongWithBare(text) : null;
  if (why !== null) throw unusable(name, value, why);
  if (key === '') throw unusable(name, value, 'is empty');
  return key;
}

/** Only what HTTP has as white space: any other, such as a no-break space, is part of a key, which is then refused. */
function withoutSpaceAround(value: string): string {
  let [start, end] = [0, value.length];
  while (isSpace(value[start])) start += 1;
  while (end > start && isSpace(value[end - 1])) end -= 1;
  return value.slice(start, end);
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function wrongWithBare(text: string): string | null {
  if (!BARE.test(text)) return 'contains characters other than printable ASCII';
  // Headers that are sent twice arrive joined by a comma.
  if (text.includes(','))
    return 'was sent more than once, or contains a comma without being in quotes';
  return text.startsWith('"') ? 'is not a string in quotes' : null;
}

function unusable(name: string, value: string, why: string) {
  return protocolError(
    'IDEMPOTENCY_KEY_INVALID',
    `The header ${name} ${JSON.stringify(shortened(value))} ${why}. Nothing was done. Send one key of 1 to ` +
      `${HEADER_KEY_CHARS_MAX} printable ASCII characters, or none.`,
  );
}

/**
 * Whether every mutation whose key is from the request's was answered with the result of an earlier request. Without data, the
 * later ones may not have begun.
 */
export function isReplay({ data }: ExecutionResult, claim: Claim | null): boolean {
  return Boolean(data) && claim?.execution.requestKey?.isReplayed === true;
}

const REPLAYED = { 'Idempotency-Replayed': 'true' };

/** The answer to a request whose key was used before. */
export function replayed(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, ...REPLAYED } };
}

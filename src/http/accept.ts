/** Chooses the media type of an answer from the request's `Accept`, weighed as RFC 9110 (12.5.1) specifies. */
export type MediaType = 'application/json' | 'application/graphql-response+json';

/** In our order of preference, which applies if the client has none. */
const OFFERED: readonly MediaType[] = ['application/json', 'application/graphql-response+json'];

/** How closely a range matches a media type. Of several that match, the closest one determines the weight. */
const FIT = { any: 0, type: 1, exact: 2, charset: 3 } as const;

interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly charset: string | null;
  readonly weight: number;
}

interface Weighed<Offer> {
  readonly mediaType: Offer;
  readonly weight: number;
  readonly fit: number;
  /** Its position in the header. */
  readonly place: number;
}

/** Clients of one kind send the same header, and weighing it takes longer than a lookup. */
const KNOWN_MAX = 100;

/** Clients send at most 300 characters. A longer header is not weighed, because this precedes the check of the key. */
const ACCEPT_CHARS_MAX = 1_000;

const known = new Map<string, MediaType | null>();

/** Null if nothing that is offered is acceptable. */
export function mediaTypeOf(accept: string | undefined): MediaType | null {
  if (accept === undefined || accept.length > ACCEPT_CHARS_MAX) return 'application/json';
  const before = known.get(accept);
  if (before !== undefined) return before;
  const mediaType = weigh(accept, OFFERED);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(accept, mediaType);
  return mediaType;
}

/** For people and programs alike, where a sentence is all there is to say. */
const OFFERED_WITH_TEXT = [...OFFERED, 'text/plain', 'text/html'] as const;

/** The same for an answer that can also be text; null for text. */
export function mediaTypeUnlessText(accept: string | undefined): MediaType | null {
  if (accept === undefined || accept.length > ACCEPT_CHARS_MAX) return 'application/json';
  const mediaType = weigh(accept, OFFERED_WITH_TEXT);
  return mediaType === 'text/plain' || mediaType === 'text/html' ? null : mediaType;
}

function weigh<Offer extends string>(accept: string, offers: readonly Offer[]): Offer | null {
  const ranges = splitOutsideQuotes(accept, ',').flatMap((member) => rangeOf(member) ?? []);
  // A header without anything intelligible counts as absent.
  if (ranges.length === 0) return offers[0] ?? null;
  const acceptable = offers
    .map((mediaType) => weightOf(mediaType, ranges))
    .filter(({ weight }) => weight > 0)
    .sort(byPreference);
  return acceptable[0]?.mediaType ?? null;
}

/** Of two with the same weight, an explicitly named one precedes; of two named ones, the first. */
function byPreference(a: Weighed<string>, b: Weighed<string>): number {
  if (a.weight !== b.weight) return b.weight - a.weight;
  const [isNamedA, isNamedB] = [a.fit >= FIT.exact, b.fit >= FIT.exact];
  if (isNamedA !== isNamedB) return isNamedA ? -1 : 1;
  return a.place - b.place;
}

function weightOf<Offer extends string>(mediaType: Offer, ranges: readonly Range[]) {
  let best: Weighed<Offer> = { mediaType, weight: 0, fit: -1, place: -1 };
  ranges.forEach((range, place) => {
    const fit = fitOf(mediaType, range);
    if (fit < 0) return;
    const { weight } = range;
    if (fit > best.fit || (fit === best.fit && weight > best.weight)) {
      best = { mediaType, weight, fit, place };
    }
  });
  return best;
}

/** -1 if it does not match. Parameters other than a charset are meaningless for JSON. */
function fitOf(mediaType: string, { type, subtype, charset }: Range): number {
  if (charset !== null && charset !== 'utf-8' && charset !== 'utf8') return -1;
  if (`${type}/${subtype}` === mediaType) return charset === null ? FIT.exact : FIT.charset;
  if (subtype !== '*') return -1;
  if (type === '*') return FIT.any;
  return mediaType.startsWith(`${type}/`) ? FIT.type : -1;
}

const MEDIA_RANGE = /^([\w!#$%&'*+.^`|~-]+)\/([\w!#$%&'*+.^`|~-]+)$/;

const WEIGHT = /^(?:0?\.\d+|[01](?:\.\d*)?)$/;

/** Null if it is not a media range. */
function rangeOf(member: string): Range | null {
  const [head = '', ...parameters] = splitOutsideQuotes(member, ';');
  const [, type, subtype] = MEDIA_RANGE.exec(head.trim().toLowerCase()) ?? [];
  if (type === undefined || subtype === undefined) return null;
  let charset: string | null = null;
  for (const parameter of parameters) {
    const [name, value] = nameAndValue(parameter);
    // What follows the weight is not a parameter of the media type.
    if (name === 'q') {
      return WEIGHT.test(value)
        ? { type, subtype, charset, weight: Math.min(Number(value), 1) }
        : null;
    }
    if (name === 'charset') charset = value;
  }
  return { type, subtype, charset, weight: 1 };
}

function nameAndValue(parameter: string): [name: string, value: string] {
  const at = parameter.indexOf('=');
  if (at < 0) return [parameter.trim().toLowerCase(), ''];
  const value = parameter.slice(at + 1).trim();
  const unquoted = /^"(.*)"$/.exec(value)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? value;
  return [parameter.slice(0, at).trim().toLowerCase(), unquoted.toLowerCase()];
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\' && quoted) at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

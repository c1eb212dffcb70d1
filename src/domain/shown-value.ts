/** How much of a value is repeated to its caller. */
export const SHOWN_CHARS_MAX = 120;

/** From here on, members of an object would not fit. */
const MEMBERS_SHOWN = SHOWN_CHARS_MAX / 4;

/**
 * A value as short JSON text, so that its caller recognises it. Of an object, the first members are shown; what is
 * within these, and lists, are only hinted at: they may be a megabyte long, or so deep that writing them would overflow the stack.
 * `ownText` is the text of what is an object only to JavaScript.
 */
export function shownValue(
  value: unknown,
  ownText: (value: object) => string | null = () => null,
): string {
  if (typeof value !== 'object' || value === null) return shortText(value);
  const own = ownText(value);
  if (own !== null) return cut(own);
  if (Array.isArray(value)) return listText(value);
  const members: string[] = [];
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    if (members.length === MEMBERS_SHOWN) break;
    const member: unknown = Reflect.get(value, name);
    if (member !== undefined) members.push(`${shortText(name)}:${memberText(member, ownText)}`);
  }
  return cut(`{${members.join(',')}}`);
}

/** That a list is empty may be what is wrong with it. */
function listText(list: readonly unknown[]): string {
  return list.length === 0 ? '[]' : '[…]';
}

function memberText(member: unknown, ownText: (value: object) => string | null): string {
  if (typeof member !== 'object' || member === null) return shortText(member);
  return ownText(member) ?? (Array.isArray(member) ? listText(member) : '{…}');
}

function shortText(value: unknown): string {
  if (typeof value === 'string') return cut(JSON.stringify(value.slice(0, SHOWN_CHARS_MAX)));
  return String(value ?? null);
}

/** Strict JSON parsers refuse half a character, which a client may have sent and which a cut may leave. */
export function cut(text: string): string {
  const short = text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX - 1)}…`;
  return short.toWellFormed();
}

/** Texts for the log: short, on one line, and without what may not be in it. */

const TEXT_CHARS_MAX = 500;
const FRAMES_MAX = 12;
const FRAME_CHARS_MAX = 200;
const CAUSES_MAX = 3;

const RULES: readonly (readonly [RegExp, string])[] = [
  [/\bbearer\s+\S+/gi, 'Bearer …'],
  // What a URL has behind its scheme: names, passwords, parameters.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)\S+/gi, '$1…'],
  [/\b(password|passwd|pwd|secret|token|authorization)\b(["']?\s*[=:]\s*)\S+/gi, '$1$2…'],
  [/tg_[a-z]{2}_[\w-]*/g, '(key)'],
  [/\beyJ[\w-]+(\.[\w-]*)*/g, '(token)'],
  [/[^\s"'`<>(),;=]+@[^\s"'`<>(),;=]+/g, '(e-mail)'],
  // Rows and values, as PostgreSQL shows them.
  [/(contains|=) ?\((?:.*\)|.*$)/gs, '$1 (…)'],
  // JSON, whose own quotes hide where it ends.
  [/"[{[].*/gs, '"…"'],
  [/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '],
];

/** Names of tables, columns and constraints are worth reading, other quoted texts may be anything. */
const QUOTED = /"[^"]*(?:"|$)/g;
const NAME = /^"[a-z_][a-z0-9_.]{0,62}"$/;

/** A text from an error, of which it is not known what it quotes. */
export function cleaned(text: unknown): string {
  const start = String(text)
    .slice(0, 4 * TEXT_CHARS_MAX)
    .toWellFormed();
  const clean = RULES.reduce((left, [found, instead]) => left.replace(found, instead), start)
    .replace(QUOTED, (quoted) => (NAME.test(quoted) ? quoted : '"…"'))
    .trim();
  return clean.length > TEXT_CHARS_MAX ? `${clean.slice(0, TEXT_CHARS_MAX)}…` : clean;
}

export interface ErrorFacts {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFacts;
}

/** What the log has of an error. Its other properties are not shown: some drivers put rows and settings there. */
export function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { type: typeof error, message: cleaned(error) };
  const code = 'code' in error && typeof error.code === 'string' ? cleaned(error.code) : null;
  const frames = framesOf(error);
  const { cause } = error;
  return {
    type: cleaned(error.name),
    message: cleaned(error.message),
    ...(code !== null && { code }),
    ...(frames !== '' && { stack: frames }),
    ...(cause !== undefined && depth < CAUSES_MAX && { cause: errorFacts(cause, depth + 1) }),
  };
}

/** Without the message that a stack begins with, which may look like a frame. */
function framesOf({ stack = '', message }: Error): string {
  const start = message === '' ? -1 : stack.indexOf(message);
  const rest = start < 0 ? stack : stack.slice(start + message.length);
  const frames = rest.split('\n').filter((line) => FRAME.test(line));
  return frames
    .slice(0, FRAMES_MAX)
    .map((line) => line.trim().slice(0, FRAME_CHARS_MAX))
    .join('\n');
}

const FRAME = /^\s+at \S.*(:\d+:\d+\)?|\(<anonymous>\)|\(native\))$/;

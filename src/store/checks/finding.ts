import type { FindingCode } from './codes.js';

/** From good to bad. What should be known, and no more, is a note. */
export const LEVELS = ['OK', 'NOTE', 'WARNING', 'PROBLEM'] as const;
export type Level = (typeof LEVELS)[number];

/** One thing that was examined. Nothing in it is secret. */
export interface Finding {
  readonly code: FindingCode;
  readonly level: Level;
  /** What was found, with its value. */
  readonly found: string;
  /** What that leads to; empty if it leads to nothing. */
  readonly meaning: string;
  /** What to do, or what the commands are to be run as; empty for nothing. */
  readonly advice: string;
  /** To be run in this order, word for word: each a statement, or a command of this program. */
  readonly commands: readonly string[];
  /** Whether the gateway does not start. */
  readonly refuses: boolean;
}

type Told = Pick<Finding, 'found'> & Partial<Finding>;

const NOTHING = { meaning: '', advice: '', commands: [], refuses: false } as const;

export function ok(code: FindingCode, found: string): Finding {
  return { ...NOTHING, code, level: 'OK', found };
}

export function note(code: FindingCode, told: Told): Finding {
  return { ...NOTHING, ...told, code, level: 'NOTE' };
}

export function warning(code: FindingCode, told: Told): Finding {
  return { ...NOTHING, ...told, code, level: 'WARNING' };
}

export function problem(code: FindingCode, told: Told): Finding {
  return { ...NOTHING, ...told, code, level: 'PROBLEM' };
}

/** A problem with which the gateway does not start. */
export function refusal(code: FindingCode, told: Told): Finding {
  return problem(code, { ...told, refuses: true });
}

/** The finding as the start tells it, on one line. */
export function sentenceOf({ found, meaning, advice, commands }: Finding): string {
  return [found, meaning, advice, ...commands].filter((part) => part !== '').join(' ');
}

export function worstOf(findings: readonly Finding[]): Level {
  return LEVELS.findLast((level) => findings.some((finding) => finding.level === level)) ?? 'OK';
}

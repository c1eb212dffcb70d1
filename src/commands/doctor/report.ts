import { type Finding, LEVELS, type Level } from '../../store/checks/finding.js';

export interface Report {
  readonly place: string;
  readonly level: Level;
  readonly findings: readonly Finding[];
}

/** For a person: the worst first. */
export function asText({ place, findings }: Report, { all }: { readonly all: boolean }): string {
  const shown = findings.filter(({ level }) => all || level !== 'OK');
  const sorted = LEVELS.toReversed().flatMap((level) => shown.filter((one) => one.level === level));
  return [...sorted.map(paragraphOf), summaryOf(place, findings)].join('\n\n');
}

function paragraphOf({ level, code, found, meaning, advice, commands }: Finding): string {
  const said = [found, meaning].filter((part) => part !== '').join(' ');
  const lines = [
    `${level === 'OK' ? 'ok' : level}  ${code}`,
    `  ${said}`,
    ...(advice === '' ? [] : [`  ${advice}`]),
    ...commands.map((command) => `    ${command}`),
  ];
  return lines.join('\n');
}

const NOUNS: Readonly<Record<Level, readonly [one: string, several: string]>> = {
  PROBLEM: ['problem', 'problems'],
  WARNING: ['warning', 'warnings'],
  NOTE: ['note', 'notes'],
  OK: ['thing that is well', 'things that are well'],
};

function summaryOf(place: string, findings: readonly Finding[]): string {
  const counts = LEVELS.toReversed().flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${NOUNS[level][count === 1 ? 0 : 1]}`];
  });
  return `Examined ${place}: ${counts.join(', ')}.`;
}

/** For a program. Fields are only added. */
export function asJson({ place, level, findings }: Report): string {
  const shown = findings.map((finding) => ({
    code: finding.code,
    level: finding.level,
    found: finding.found,
    meaning: finding.meaning,
    advice: finding.advice,
    commands: finding.commands,
    preventsStart: finding.refuses,
  }));
  return JSON.stringify({ level, place, findings: shown }, null, 2);
}

/** The same, of a database that could not be examined. */
export function failedAsJson(reason: string): string {
  return JSON.stringify({ level: 'UNKNOWN', reason }, null, 2);
}

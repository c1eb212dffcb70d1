/** The resources that other processes have used, on Linux; null everywhere else. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = ticksPerSecond();

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its own time and that of its children that have ended, so that none is lost when a process ends. */
  readonly cpuUs: number;
}

/** CPU time of processes and all their descendants, in microseconds. */
export function cpuUsOfTrees(rootPids: readonly number[]): number | null {
  return treesOf(rootPids)?.reduce((sum, { cpuUs }) => sum + cpuUs, 0) ?? null;
}

/** The number of processes in the trees. */
export function countOfTrees(rootPids: readonly number[]): number | null {
  return treesOf(rootPids)?.length ?? null;
}

/** The total of the peak memory of each process in the trees. */
export function rssBytesMaxOfTrees(rootPids: readonly number[]): number | null {
  return sumOfStatus(rootPids, 'VmHWM');
}

/** The memory that the processes in the trees use now. */
export function rssBytesOfTrees(rootPids: readonly number[]): number | null {
  return sumOfStatus(rootPids, 'VmRSS');
}

/** The files, sockets and pipes that the processes in the trees have open now. */
export function openFilesOfTrees(rootPids: readonly number[]): number | null {
  return treesOf(rootPids)?.reduce((sum, { pid }) => sum + openFilesOf(pid), 0) ?? null;
}

function openFilesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function sumOfStatus(rootPids: readonly number[], field: string): number | null {
  return treesOf(rootPids)?.reduce((sum, { pid }) => sum + statusBytes(pid, field), 0) ?? null;
}

function treesOf(rootPids: readonly number[]): Process[] | null {
  const all = processes();
  if (all === null) return null;
  const wanted = new Set(rootPids);
  const found = all.filter(({ pid }) => wanted.has(pid));
  for (let level = found; level.length > 0; ) {
    const parents = new Set(level.map(({ pid }) => pid));
    level = all.filter(({ pid, parent }) => parents.has(parent) && !wanted.has(pid));
    for (const { pid } of level) wanted.add(pid);
    found.push(...level);
  }
  return found;
}

function processes(): Process[] | null {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(processOf)
      .filter((process) => process !== null);
  } catch {
    return null;
  }
}

function processOf(pid: string): Process | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may contain anything, so the fields are counted after it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return { pid: Number(pid), parent: Number(fields[1]), cpuUs: (ticks / TICKS_PER_SECOND) * 1e6 };
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

function ticksPerSecond(): number {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  } catch {
    // A system without it has no /proc with ticks either.
    return 100;
  }
}

function statusBytes(pid: number, field: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

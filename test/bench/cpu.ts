/** What other processes have used, as Linux counts it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU time of a process and of all its children that live, in microseconds; null where there is no /proc. */
export function cpuUsOfTree(rootPid: number): number | null {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(statOf)
      .filter((stat) => stat !== null)
      .filter(({ pid, parent }) => pid === rootPid || parent === rootPid)
      .reduce((sum, { cpuUs }) => sum + cpuUs, 0);
  } catch {
    return null;
  }
}

function statOf(pid: string): { pid: number; parent: number; cpuUs: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, so the fields count from behind it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { pid: Number(pid), parent: Number(fields[1]), cpuUs: (ticks / TICKS_PER_SECOND) * 1e6 };
  } catch {
    // It ended while we looked.
    return null;
  }
}

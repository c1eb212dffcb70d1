/** The processes of a test server: finding and killing them, and cleaning up after them. */
import { execFile, spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * SIGKILL for the postmaster and every process that it has started, as with a power cut. Backends
 * have their own sessions, so there is no group to kill, and a busy one would outlive its
 * postmaster and prevent a new server from starting. The postmaster is stopped first, so that it
 * neither starts more backends nor notices that they end.
 */
export async function killAll(postmaster: number): Promise<void> {
  if (!signal(postmaster, 'SIGSTOP')) return;
  const pids = [...(await childrenOf(postmaster)), postmaster];
  for (const pid of pids) signal(pid, 'SIGKILL');
  for (const pid of pids) await gone(pid);
}

/**
 * Returns false if the process does not exist (any more). Throws a RangeError if there is no such
 * number: 0, for example, would reach the process group of the test run itself.
 */
export function signal(pid: number | undefined, name: NodeJS.Signals | 0): boolean {
  if (pid === undefined || !Number.isInteger(pid) || pid <= 1)
    throw new RangeError(`${name} is meant for ${pid}, which is not a process of a test`);
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

export async function gone(pid: number, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (await isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} does not end`);
    await delay(5);
  }
}

/** A zombie counts as dead: in a container without an init, it may never be reaped. */
async function isAlive(pid: number): Promise<boolean> {
  if (!signal(pid, 0)) return false;
  if (process.platform !== 'linux') return true;
  const stat = await statOf(pid);
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

async function childrenOf(parent: number): Promise<number[]> {
  if (process.platform === 'linux') {
    // Slim images have no ps.
    const pids = (await fs.readdir('/proc')).map(Number).filter(Number.isInteger);
    const stats = await Promise.all(pids.map(async (pid) => ({ pid, stat: await statOf(pid) })));
    return stats.filter(({ stat }) => stat?.parent === parent).map(({ pid }) => pid);
  }
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

async function statOf(pid: number): Promise<{ state: string; parent: number } | undefined> {
  const text = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name is in parentheses and may itself contain spaces and parentheses.
  const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent) };
}

export interface Watchdog {
  /** Sets the process to end, or none. */
  watch(pid: number | undefined): void;
  dismiss(): void;
}

/**
 * A shell that waits for this process to end in any way, including SIGKILL: then its standard input
 * closes, and it stops the server and removes the folder. An exit handler alone would leave both
 * behind when a test run is killed.
 */
export function startWatchdog(folder: string): Watchdog {
  const script = `
    pid=
    while read -r line; do pid=$line; done
    if [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null; then
      tries=0
      while kill -0 "$pid" 2>/dev/null && [ $tries -lt 30 ]; do
        tries=$((tries + 1)); sleep 0.1
      done
    fi
    rm -rf "$1"`;
  // Detached, so that Ctrl-C only reaches the test runner, which then stops everything in order.
  const child = spawn('/bin/sh', ['-c', script, 'tollgate-watchdog', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  const input = child.stdin;
  input.on('error', () => undefined);
  // Neither the process nor the pipe may prevent a finished test run from ending.
  child.unref();
  if ('unref' in input && typeof input.unref === 'function') input.unref();
  return {
    watch: (pid) => void input.write(`${pid ?? ''}\n`),
    dismiss: () => void input.end('\n'),
  };
}

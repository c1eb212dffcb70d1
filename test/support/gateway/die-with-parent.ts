/**
 * Loaded before a program that a test starts: ends the program when the test's process has ended, however
 * that ended, because its end of the pipe is closed then. A program that has nothing else to do may end
 * before. Its workers have to end with it by themselves.
 */
import cluster from 'node:cluster';
import { Socket } from 'node:net';

if (cluster.isPrimary) {
  process.stdin.on('end', () => process.exit(1)).resume();
  if (process.stdin instanceof Socket) process.stdin.unref();
}

/** The address that a start prints is one that a browser on this machine can open. */
import { expect, it } from 'vitest';
import { originOf } from '../../src/commands/origin.js';

it.each([
  ['127.0.0.1', 'http://127.0.0.1:4000'],
  ['0.0.0.0', 'http://127.0.0.1:4000'],
  ['::', 'http://[::1]:4000'],
  ['::1', 'http://[::1]:4000'],
  ['gateway.example', 'http://gateway.example:4000'],
])('HOST %s is %s', (host, origin) => {
  expect(originOf({ host, port: 4000 })).toBe(origin);
});

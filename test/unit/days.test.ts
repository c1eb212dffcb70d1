/** A number of days, as the commands take it. */
import { expect, it } from 'vitest';
import { daysOf } from '../../src/commands/arguments.js';

it.each(['0x10', '1e1', ' 5', '5 ', '', '-1', '+1', 'Infinity', 'NaN', '1,5', '1.', '.5', '٣'])(
  '%j is no number of days',
  (text) => {
    expect(daysOf(text)).toBeNaN();
  },
);

it.each([
  ['0', 0],
  ['7', 7],
  ['0.5', 0.5],
  ['36501', 36_501],
])('%j is %d days, which each command then compares with its limits', (text, days) => {
  expect(daysOf(text)).toBe(days);
});

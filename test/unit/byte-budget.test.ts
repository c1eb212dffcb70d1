/** Memory that is shared by projects. */
import { expect, it } from 'vitest';
import { ByteBudget } from '../../src/http/byte-budget.js';

it('a project may take half of it', () => {
  const budget = new ByteBudget(100);
  budget.take('p', 30);
  expect([budget.hasRoom('p', 20), budget.hasRoom('p', 21)]).toEqual([true, false]);
});

it('all projects together may take all of it', () => {
  const budget = new ByteBudget(100);
  budget.take('p', 50);
  budget.take('q', 40);
  expect([budget.hasRoom('r', 10), budget.hasRoom('r', 11)]).toEqual([true, false]);
});

it('a project may always have a little', () => {
  const budget = new ByteBudget(640);
  budget.take('p', 320);
  budget.take('q', 320);
  expect([budget.hasRoom('r', 10), budget.hasRoom('r', 11)]).toEqual([true, false]);
});

it('what is freed can be taken again', () => {
  const budget = new ByteBudget(100);
  budget.take('p', 50);
  budget.free('p', 20);
  expect([budget.hasRoom('p', 20), budget.hasRoom('p', 21)]).toEqual([true, false]);
});

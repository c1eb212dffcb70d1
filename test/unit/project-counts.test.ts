/** Counts by project. */
import { expect, it } from 'vitest';
import { ProjectCounts } from '../../src/http/project-counts.js';

it('projects are counted separately', () => {
  const counts = new ProjectCounts();
  for (const project of ['p', 'q', 'p']) counts.add(project);
  expect(['p', 'q', 'r'].map((project) => counts.of(project))).toEqual([2, 1, 0]);
  counts.remove('p');
  expect(['p', 'q'].map((project) => counts.of(project))).toEqual([1, 1]);
});

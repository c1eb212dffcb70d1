/** The cases, decided by the domain, and by the model, so that the model can be trusted. */
import { describe, it } from 'vitest';
import { CATALOGUE } from '../support/cases/case.js';
import { CASES } from '../support/cases/cases.js';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { inMemory } from '../support/cases/in-memory.js';
import { play } from '../support/cases/play.js';
import { CustomerModel } from '../support/model/model.js';

describe.each([
  { name: 'the domain', Customer: DomainCustomer },
  { name: 'the model', Customer: CustomerModel },
])('$name replays', ({ Customer }) => {
  it.each(CASES)('row $row: $title', (row) => play(row, inMemory(CATALOGUE, Customer)));
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costFromText, wholeCost } from '../../src/domain/cost.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { FEATURES_MAX } from '../../src/meter/feature.js';
import type { Page } from '../../src/meter/read/read-path.js';
import type { CustomerScope, FeatureDraft } from '../../src/meter/store.js';
import { JsonText } from '../../src/platform/json-text.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { answersOf } from '../support/meter/read-queue.js';
import { writeRows } from '../support/meter/write-rows.js';

let test: TestStore;
let foreignId: string;

beforeAll(async () => {
  test = await createStore();
  foreignId = (await test.store.projects.ensure('foreign')).project.id;
});

afterAll(() => test.close());

const ALL: Page = { limit: 100, after: null, before: null, inverted: false };

const page = (changes: Partial<Page>): Page => ({ ...ALL, ...changes });

function scopeOf(id: string, projectId = test.projectId): CustomerScope {
  return customerScope(projectId, id);
}

const draftOf = (id: string) => ({ id, name: null, email: null, metadata: {} });

describe('customers', () => {
  it('are created once, and a repeated call changes nothing', async () => {
    const scope = scopeOf('ada');
    const draft = { id: 'ada', name: 'Ada', email: 'ada@example.com', metadata: { tier: [1] } };
    const first = await test.store.createCustomer(scope, draft);
    const metadata = new JsonText('{"tier": [1]}');
    expect(first).toMatchObject({ created: true, customer: { ...scope, ...draft, metadata } });
    expect(first.customer.updatedAt).toBe(first.customer.createdAt);

    const second = await test.store.createCustomer(scope, { ...draft, name: 'Other' });
    expect(second).toEqual({ created: false, customer: first.customer });
  });

  it('are created by exactly one of many concurrent calls', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => test.store.createCustomer(scopeOf('many'), draftOf('many'))),
    );
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(answers.map(({ customer }) => customer.createdAt)).size).toBe(1);
  });

  it('are changed field by field', async () => {
    const scope = scopeOf('bob');
    const draft = { id: 'bob', name: 'Bob', email: 'b@example.com', metadata: { a: 1 } };
    const { customer } = await test.store.createCustomer(scope, draft);

    const renamed = await test.store.updateCustomer(scope, { name: 'Robert' });
    const { createdAt } = customer;
    const metadata = new JsonText('{"a": 1}');
    expect(renamed).toMatchObject({ ...draft, name: 'Robert', metadata, createdAt });
    expect(renamed?.updatedAt).toBeGreaterThanOrEqual(customer.createdAt);

    const emptied = await test.store.updateCustomer(scope, { email: null, metadata: {} });
    expect(emptied).toMatchObject({ name: 'Robert', email: null, metadata: new JsonText('{}') });
    await expect(test.store.updateCustomer(scope, {})).resolves.toEqual(emptied);
  });

  it('are dated by the database, shifted by the offset', async () => {
    test.setClockOffset(86_400_000);
    const { customer } = await test.store.createCustomer(scopeOf('later'), draftOf('later'));
    test.setClockOffset(0);
    const { customer: now } = await test.store.createCustomer(scopeOf('now'), draftOf('now'));
    const ahead = customer.createdAt - now.createdAt;
    expect(ahead).toBeGreaterThan(86_400_000 - 10_000);
    expect(ahead).toBeLessThanOrEqual(86_400_000);
  });

  it('of another project are not found', async () => {
    const scope = scopeOf('eve', foreignId);
    await test.store.createCustomer(scope, draftOf('eve'));
    const crossed = { ...scope, projectId: test.projectId };
    await expect(test.store.updateCustomer(crossed, { name: 'x' })).resolves.toBeNull();
    const keys = [scope.customerKey, scopeOf('ada').customerKey];
    const mine = await answersOf(test.store.reads).customers(test.projectId, keys);
    expect(mine.map((customer) => customer?.id ?? null)).toEqual([null, 'ada']);
    const theirs = await answersOf(test.store.reads).customers(foreignId, keys);
    expect(theirs.map((customer) => customer?.id ?? null)).toEqual(['eve', null]);
  });

  it('are listed by id, in pages from either end', async () => {
    const { project } = await test.store.projects.ensure('pages');
    // Byte order: capitals come before small letters, whatever the database's locale.
    const ids = ['B', 'Z', 'a', 'b.1', 'c'];
    for (const id of ids) {
      await test.store.createCustomer(scopeOf(id, project.id), draftOf(id));
    }
    const list = async (changes: Partial<Page>) => {
      const [listed = []] = await answersOf(test.store.reads).customerPages(project.id, [
        page(changes),
      ]);
      return listed.map(({ id }) => id);
    };
    await expect(list({})).resolves.toEqual(ids);
    await expect(list({ limit: 2 })).resolves.toEqual(['B', 'Z']);
    await expect(list({ limit: 2, after: 'Z' })).resolves.toEqual(['a', 'b.1']);
    await expect(list({ after: 'B', before: 'b.1' })).resolves.toEqual(['Z', 'a']);
    await expect(list({ limit: 2, inverted: true })).resolves.toEqual(['c', 'b.1']);
    await expect(list({ limit: 2, inverted: true, before: 'a' })).resolves.toEqual(['Z', 'B']);
  });
});

describe('entities', () => {
  it('are found and listed until they are deleted', async () => {
    const scope = scopeOf('with-entities');
    await test.store.createCustomer(scope, draftOf('with-entities'));
    const seat = (id: string) => {
      const metadata = JsonText.of({ seat: id });
      return { id, name: null, metadata, createdAt: 1_000, deletedAt: null };
    };
    await writeRows(test.store, scope, { entities: ['s3', 's1', 's2'].map(seat) });
    await writeRows(test.store, scope, { entities: [{ ...seat('s2'), deletedAt: 2_000 }] });
    const { customerKey } = scope;
    const list = async (projectId: string) =>
      (await answersOf(test.store.reads).entityPages(projectId, [{ ...ALL, customerKey }]))[0] ??
      [];
    const listed = await list(test.projectId);
    expect(listed.map(({ id }) => id)).toEqual(['s1', 's3']);
    const metadata = new JsonText('{"seat": "s1"}');
    const found = { ...scope, id: 's1', name: null, metadata, createdAt: 1_000 };
    await expect(test.store.entity(scope, 's1')).resolves.toEqual(found);
    expect(listed[0]).toEqual(found);
    await expect(test.store.entity(scope, 's2')).resolves.toBeNull();
    const crossed = { ...scope, projectId: foreignId };
    await expect(test.store.entity(crossed, 's1')).resolves.toBeNull();
    await expect(list(foreignId)).resolves.toEqual([]);
    const wanted = ['s2', 's1'].map((id) => ({ customerKey, id }));
    const both = await answersOf(test.store.reads).entities(test.projectId, wanted);
    expect(both).toEqual([null, listed[0]]);
    await expect(answersOf(test.store.reads).entities(foreignId, wanted)).resolves.toEqual([
      null,
      null,
    ]);
  });
});

describe('features', () => {
  const draft = (id: string, changes: Partial<FeatureDraft> = {}): FeatureDraft => ({
    id,
    name: id,
    type: 'CONSUMABLE',
    eventNames: [],
    creditCosts: [],
    ...changes,
  });

  const createFeature = (projectId: string, feature: FeatureDraft) =>
    test.store.createFeature(projectId, feature, FEATURES_MAX);

  const version = async () => (await test.store.catalog(test.projectId)).version;

  it('are created once, and each one changes the catalogue version', async () => {
    const before = await version();
    const feature = await createFeature(
      test.projectId,
      draft('calls', { eventNames: ['call.made', 'call.ended'] }),
    );
    expect(feature).toMatchObject({ id: 'calls', eventNames: ['call.made', 'call.ended'] });
    const after = await version();
    expect(after).toBeGreaterThan(before);
    await expect(createFeature(test.projectId, draft('calls'))).resolves.toBeNull();
    await expect(version()).resolves.toBe(after);
    const same = await createFeature(foreignId, draft('calls'));
    expect(same).toMatchObject({ projectId: foreignId, eventNames: [] });
  });

  it('keep exact costs, and change field by field', async () => {
    await createFeature(test.projectId, draft('m1'));
    await createFeature(test.projectId, draft('m2'));
    const creditCosts = [
      { featureId: 'm2', cost: costFromText('0.000000000000000001'), where: null },
      { featureId: 'm1', cost: costFromText('0.2'), where: null },
    ];
    const versions = [await version()];
    const created = await createFeature(
      test.projectId,
      draft('credits', { type: 'CREDIT_SYSTEM', creditCosts }),
    );
    expect(created).toMatchObject({ creditCosts: creditCosts.toReversed() });
    versions.push(await version());

    const renamed = await test.store.updateFeature(test.projectId, 'credits', { name: 'Credits' });
    expect(renamed).toMatchObject({ name: 'Credits', creditCosts: creditCosts.toReversed() });
    versions.push(await version());
    const cheaper = await test.store.updateFeature(test.projectId, 'credits', {
      eventNames: ['spent'],
      creditCosts: [{ featureId: 'm1', cost: wholeCost(2), where: null }],
    });
    expect(cheaper).toMatchObject({
      name: 'Credits',
      eventNames: ['spent'],
      creditCosts: [{ featureId: 'm1', cost: wholeCost(2), where: null }],
    });
    versions.push(await version());
    expect(new Set(versions).size).toBe(4);
    expect(versions.toSorted((a, b) => a - b)).toEqual(versions);
    const found = await answersOf(test.store.reads).features(test.projectId, ['none', 'credits']);
    expect(found).toEqual([null, cheaper]);
  });

  it('are not written partially', async () => {
    const before = await version();
    const creditCosts = [{ featureId: 'nothing', cost: wholeCost(1), where: null }];
    await expect(
      createFeature(test.projectId, draft('c2', { type: 'CREDIT_SYSTEM', creditCosts })),
    ).rejects.toThrow(/foreign key/i);
    await expect(test.store.feature(test.projectId, 'c2')).resolves.toBeNull();
    await expect(version()).resolves.toBe(before);
  });

  it('of another project are not changed', async () => {
    await createFeature(foreignId, draft('theirs'));
    const changed = await test.store.updateFeature(test.projectId, 'theirs', { name: 'mine' });
    expect(changed).toBeNull();
    const list = async (projectId: string, one: Page) =>
      (
        (
          await answersOf(test.store.reads).featurePages(projectId, [
            { ...one, includeArchived: false },
          ])
        )[0] ?? []
      ).map(({ id }) => id);
    await expect(list(test.projectId, ALL)).resolves.not.toContain('theirs');
    const last = page({ limit: 1, after: 'calls' });
    await expect(list(foreignId, last)).resolves.toEqual(['theirs']);
  });
});

describe('projects', () => {
  it('are found by name and created once', async () => {
    const { projects } = test.store;
    const first = await projects.ensure('Once');
    const second = await projects.ensure('Once');
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.project).toEqual(first.project);
    await expect(projects.find('Once')).resolves.toEqual(first.project);
    await expect(projects.find('Never')).resolves.toBeNull();
    const names = (await projects.list()).map(({ name }) => name);
    expect(names).toContain('Once');
  });
});

import DataLoader from 'dataloader';
import { advance } from '../domain/advance.js';
import type { Balance } from '../domain/balance.js';
import type { Instant } from '../domain/interval.js';
import type { Customer, CustomerScope, Entity, StoredFeature } from '../meter/store.js';
import type { VerbContext } from '../meter/verb.js';
import type { EntityAddress } from './nouns.js';

/** A customer's balances as they stand at `now`, the database's clock. */
export interface Standing {
  readonly now: Instant;
  readonly balances: readonly Balance[];
}

/** Reads that many fields of one answer ask for, gathered into one query each. */
export interface Loaders {
  readonly customers: DataLoader<CustomerScope, Customer | null>;
  readonly entities: DataLoader<EntityAddress, Entity | null>;
  readonly features: DataLoader<string, StoredFeature | null>;
  readonly standings: DataLoader<CustomerScope, Standing | null>;
}

/**
 * They gather and don't remember: a document's second mutation must not show what was read after
 * its first.
 */
const options = { cache: false } as const;

export function createLoaders(context: VerbContext): Loaders {
  return new LazyLoaders(context);
}

/** Each is made when it is first asked for: a use that is tracked needs none. */
class LazyLoaders implements Loaders {
  readonly #context: VerbContext;
  #customers: Loaders['customers'] | undefined;
  #entities: Loaders['entities'] | undefined;
  #features: Loaders['features'] | undefined;
  #standings: Loaders['standings'] | undefined;

  constructor(context: VerbContext) {
    this.#context = context;
  }

  get customers(): Loaders['customers'] {
    this.#customers ??= customerLoader(this.#context);
    return this.#customers;
  }

  get entities(): Loaders['entities'] {
    this.#entities ??= entityLoader(this.#context);
    return this.#entities;
  }

  get features(): Loaders['features'] {
    this.#features ??= featureLoader(this.#context);
    return this.#features;
  }

  get standings(): Loaders['standings'] {
    this.#standings ??= standingLoader(this.#context);
    return this.#standings;
  }
}

function customerLoader({ store }: VerbContext): Loaders['customers'] {
  return new DataLoader(async (scopes) => {
    const customers = await store.customers(distinct(scopes));
    return scopes.map(({ customerKey }) => customers.get(customerKey) ?? null);
  }, options);
}

function entityLoader({ store }: VerbContext): Loaders['entities'] {
  return new DataLoader(async (entities) => {
    const wanted = new Map(entities.map((entity) => [keyOf(entity), entity]));
    const found = new Map<string, Entity | null>();
    for (const [key, entity] of wanted) found.set(key, await store.entity(entity, entity.id));
    return entities.map((entity) => found.get(keyOf(entity)) ?? null);
  }, options);
}

function featureLoader({ store, caller: { projectId } }: VerbContext): Loaders['features'] {
  return new DataLoader(async (ids) => {
    const features = await store.features(projectId, [...new Set(ids)]);
    return ids.map((id) => features.get(id) ?? null);
  }, options);
}

function standingLoader({ store }: VerbContext): Loaders['standings'] {
  return new DataLoader(async (scopes) => {
    const standings = await store.balances(distinct(scopes));
    return scopes.map(({ customerKey }) => {
      const standing = standings.get(customerKey);
      if (standing === undefined) return null;
      const { now, balances } = standing;
      return { now, balances: balances.map((balance) => advance(balance, now).balance) };
    });
  }, options);
}

function keyOf({ customerKey, id }: EntityAddress): string {
  return `${customerKey}:${id}`;
}

function distinct(scopes: readonly CustomerScope[]): CustomerScope[] {
  return [...new Map(scopes.map((scope) => [scope.customerKey, scope])).values()];
}

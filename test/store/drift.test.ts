import * as fs from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, readCatalog } from '../support/database/catalog.js';
import { connect } from '../support/database/connections.js';
import {
  createDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/database/database.js';
import { sqlOfSchema } from '../support/database/prisma-sql.js';

const SCHEMA = new URL('../../prisma/schema.prisma', import.meta.url);

const TABLES = `
  CREATE TYPE colour AS ENUM ('RED', 'GREEN');
  CREATE TABLE parent (id uuid PRIMARY KEY);
  CREATE TABLE child (
    id uuid PRIMARY KEY,
    parent_id uuid NOT NULL CONSTRAINT child_parent_id_fkey REFERENCES parent (id),
    amount numeric(38,10) NOT NULL DEFAULT 0,
    colour colour
  );
  CREATE INDEX child_amount_idx ON child (amount, id);
`;

const NAMED: [what: string, statement: string, expected: string[]][] = [
  [
    'a column of another type',
    'ALTER TABLE child ALTER amount TYPE numeric(38,9)',
    [
      'column child.amount: numeric(38,9) NOT NULL DEFAULT 0 / ' +
        'numeric(38,10) NOT NULL DEFAULT 0',
    ],
  ],
  [
    'a column that may be null',
    'ALTER TABLE child ALTER parent_id DROP NOT NULL',
    ['column child.parent_id: uuid / uuid NOT NULL'],
  ],
  [
    'a different default',
    'ALTER TABLE child ALTER amount SET DEFAULT 1',
    [
      'column child.amount: numeric(38,10) NOT NULL DEFAULT 1 / ' +
        'numeric(38,10) NOT NULL DEFAULT 0',
    ],
  ],
  ['a missing column', 'ALTER TABLE child DROP colour', ['column child.colour: missing / colour']],
  ['an extra table', 'CREATE TABLE extra ()', ['table extra: exists / missing']],
  [
    'a different primary key',
    'ALTER TABLE child DROP CONSTRAINT child_pkey, ADD PRIMARY KEY (id, parent_id)',
    ['constraint child.child_pkey: PRIMARY KEY (id, parent_id) / PRIMARY KEY (id)'],
  ],
  [
    'a different foreign key',
    `ALTER TABLE child DROP CONSTRAINT child_parent_id_fkey,
       ADD CONSTRAINT child_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent (id)
         ON DELETE CASCADE`,
    [
      'constraint child.child_parent_id_fkey: ' +
        'FOREIGN KEY (parent_id) REFERENCES parent(id) ON DELETE CASCADE / ' +
        'FOREIGN KEY (parent_id) REFERENCES parent(id)',
    ],
  ],
  [
    'a different order of an index',
    'DROP INDEX child_amount_idx; CREATE INDEX child_amount_idx ON child (amount DESC, id)',
    ['index child.child_amount_idx: btree (amount DESC, id) / btree (amount, id)'],
  ],
  [
    'an index that became unique',
    'DROP INDEX child_amount_idx; CREATE UNIQUE INDEX child_amount_idx ON child (amount, id)',
    ['index child.child_amount_idx: UNIQUE btree (amount, id) / btree (amount, id)'],
  ],
  [
    'an additional enum value',
    `ALTER TYPE colour ADD VALUE 'BLUE'`,
    ['enum colour: RED, GREEN, BLUE / RED, GREEN'],
  ],
];

const IGNORED: [what: string, statement: string][] = [
  ['a CHECK constraint', 'ALTER TABLE child ADD CHECK (amount >= 0)'],
  ['a comment', `COMMENT ON TABLE child IS 'x'`],
  ['a fill factor', 'ALTER TABLE child SET (fillfactor = 80)'],
  [
    'the predicate of an index',
    `DROP INDEX child_amount_idx;
     CREATE INDEX child_amount_idx ON child (amount, id) WHERE amount > 0`,
  ],
];

describe('schema.prisma and the migrations', () => {
  let migrated: TestDatabase;
  let described: TestDatabase;

  beforeAll(async () => {
    [migrated, described] = await Promise.all([createDatabase(), createEmptyDatabase()]);
    await execute(described, await sqlOfSchema(await fs.readFile(SCHEMA, 'utf8')));
  });
  afterAll(() => Promise.all([migrated.drop(), described.drop()]));

  it('describe the same database (migrations / schema.prisma)', async () => {
    const catalog = await readCatalog(migrated.url);
    expect(catalog.get('table balances')).toBe('exists');
    expect(differences(catalog, await readCatalog(described.url))).toEqual([]);
  });
});

describe('the comparison', () => {
  let changed: TestDatabase;
  let original: TestDatabase;

  beforeAll(async () => {
    [changed, original] = await Promise.all([createEmptyDatabase(), createEmptyDatabase()]);
    await execute(original, TABLES);
  });
  afterAll(() => Promise.all([changed.drop(), original.drop()]));

  const compare = async (statement: string): Promise<string[]> => {
    await execute(changed, `DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${TABLES}`);
    await execute(changed, statement);
    return differences(await readCatalog(changed.url), await readCatalog(original.url));
  };

  it.each(NAMED)('names %s', async (_what, statement, expected) => {
    expect(await compare(statement)).toEqual(expected);
  });

  it.each(IGNORED)('ignores %s', async (_what, statement) => {
    expect(await compare(statement)).toEqual([]);
  });
});

async function execute({ url }: TestDatabase, statements: string): Promise<void> {
  const client = await connect(url);
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}

/** What a move has in memory at once. */
import { expect, it } from 'vitest';
import { PAGE_BYTES, PAGE_ROWS, pagesOf } from '../../src/store/move/table-rows.js';
import { withClient } from '../support/database/connections.js';
import { createEmptyDatabase } from '../support/database/database.js';

it('has a bounded number of rows and bytes in memory', async () => {
  const target = await createEmptyDatabase();
  await withClient(target.url, async (client) => {
    await client.query(`CREATE TABLE wide AS SELECT id, repeat('x', CASE WHEN id <= 4 THEN ${PAGE_BYTES / 2 - 100}
      ELSE 10 END) AS text FROM generate_series(1, ${PAGE_ROWS + 4}) AS id`);
    await client.query(`INSERT INTO wide VALUES (0, repeat('y', ${PAGE_BYTES + 1}))`);
    const columns = ['id', 'text'].map((name) => ({ name, type: name === 'id' ? 'int' : 'text' }));
    const lengths: number[] = [];
    for await (const rows of pagesOf(client, {
      place: 'public',
      name: 'wide',
      columns,
      key: [0],
    })) {
      lengths.push(rows.length);
    }
    expect(lengths.slice(0, 2)).toEqual([1, 2]);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(PAGE_ROWS + 5);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(PAGE_ROWS);
  });
  await target.drop();
});

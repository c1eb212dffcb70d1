import { replaceRanges } from '../../../src/store/ranges/copy-ranges.js';
import { monthAfter, monthOf, rangedTables } from '../../../src/store/ranges/ranged-tables.js';
import { connect } from './connections.js';

/** With TEST_RANGES, tables have so many ranges, of the months before and after this one (`npm run test:ranges`). */
export async function divideIfAsked(url: string): Promise<void> {
  const count = Number(process.env['TEST_RANGES'] ?? 1);
  if (count < 2) return;
  const client = await connect(url);
  try {
    const starts = Array.from({ length: count - 1 }, (_, n) =>
      monthAfter(Date.now(), n - Math.floor(count / 2)),
    );
    for (const table of rangedTables('public')) {
      const ranges = starts.map((from, n) => {
        const name = `${table.name}_from_${monthOf(from)}`;
        return { name, from, to: starts[n + 1] ?? null };
      });
      const first = { name: `${table.name}_first`, from: null, to: starts[0] ?? null };
      await replaceRanges(client, table, [first, ...ranges]);
    }
  } finally {
    await client.end();
  }
}

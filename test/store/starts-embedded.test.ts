/** Every way in which a start on a data folder can fail has its own message. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../support/gateway/starts.js';

describe('a start on a data folder', () => {
  let base: string;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'tollgate-starts-'));
  });

  afterAll(() => rm(base, { recursive: true, force: true }));

  const inside = (name: string) => join(base, name);

  it.each<[what: string, folder: () => Promise<string>, message: RegExp]>([
    [
      'it is a file',
      async () => {
        await writeFile(inside('file'), '');
        return inside('file');
      },
      /\/file is a file\. Set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL/,
    ],
    ['it is below a file', async () => inside('file/data'), /is below a file/],
    ['it cannot be written', async () => '/sys/tollgate', /cannot be created or written/],
    ['it cannot be created', async () => '/proc/tollgate/data', /cannot be created/],
    ['its name is too long', async () => inside('x'.repeat(5_000)), /has a name that is too long/],
    [
      'it refers to itself',
      async () => {
        await symlink(inside('circle'), inside('circle'));
        return inside('circle/data');
      },
      /refers to itself/,
    ],
    [
      "its database is another user's",
      async () => {
        await mkdir(inside('foreign/postgres'), { recursive: true, mode: 0o000 });
        return inside('foreign');
      },
      // The superuser may read everything, and finds that it is empty.
      process.getuid?.() === 0 ? /is not a complete database/ : /belongs to another user\. .*chown/,
    ],
    [
      'its database is a link that leads nowhere',
      async () => {
        await mkdir(inside('dangling'));
        await symlink(inside('nowhere'), inside('dangling/postgres'));
        return inside('dangling');
      },
      /\/dangling\/postgres is a symbolic link that leads nowhere\. Mount or restore what it leads to/,
    ],
    [
      'its database is a link to itself',
      async () => {
        await mkdir(inside('turning'));
        await symlink('postgres', inside('turning/postgres'));
        return inside('turning');
      },
      /is a symbolic link that leads nowhere/,
    ],
    [
      'its database is a file',
      async () => {
        await mkdir(inside('of-file'));
        await writeFile(inside('of-file/postgres'), '');
        return inside('of-file');
      },
      /\/of-file\/postgres is not a folder/,
    ],
    [
      'a part of its database is a link',
      async () => {
        await mkdir(inside('parts/postgres'), { recursive: true });
        await mkdir(inside('parts/wal'));
        await symlink('../wal', inside('parts/postgres/pg_wal'));
        return inside('parts');
      },
      /\/postgres\/pg_wal is a symbolic link, which .* only .*\/parts\/postgres itself may be a link/,
    ],
    [
      'its database is incomplete',
      async () => {
        await mkdir(inside('incomplete/postgres'), { recursive: true });
        return inside('incomplete');
      },
      /is not a complete database\. Restore it from a backup/,
    ],
  ])('fails with a message if %s', async (_what, folder, message) => {
    const DATA_DIR = await folder();
    const printed = await messageOf({ DATA_DIR });
    expect(printed).toMatch(message);
    expect(printed.length).toBeLessThan(500);
  });
});

import { present } from '../domain/assert.js';
import type { Prisma } from '../generated/prisma/client.js';
import type { Project, Projects } from '../meter/access/keys.js';
import type { ManagedProjects } from '../meter/access/manage-projects.js';
import { uuidV7 } from '../platform/id.js';
import type { StoreContext } from './context.js';

/** Without the secrets. */
const COLUMNS = { id: true, name: true, createdAt: true } as const satisfies Prisma.ProjectSelect;

type ProjectRow = Prisma.ProjectGetPayload<{ select: typeof COLUMNS }>;

const PROJECTS_MAX = 1_000;

export function projects({ prisma, read, write }: StoreContext): Projects {
  const find = async (name: string): Promise<Project | null> => {
    const row = await prisma.project.findUnique({ where: { name }, select: COLUMNS });
    return row === null ? null : projectFromRow(row);
  };
  return {
    ensure: (name) =>
      write(async () => {
        // One statement returns what it has written, so that none can fail after that.
        const [row] = await prisma.project.createManyAndReturn({
          data: [{ id: uuidV7(), name }],
          select: COLUMNS,
          skipDuplicates: true,
        });
        if (row !== undefined) return { project: projectFromRow(row), created: true };
        const project = present(await find(name), 'a project is never deleted');
        return { project, created: false };
      }),
    find: (name) => read(() => find(name)),
    list: () =>
      read(async () => {
        const rows = await prisma.project.findMany({
          select: COLUMNS,
          orderBy: { name: 'asc' },
          take: PROJECTS_MAX,
        });
        return rows.map(projectFromRow);
      }),
  };
}

export function managedProjects({ prisma, write }: StoreContext): ManagedProjects {
  return {
    ensureUpTo: (projectsMax, name) =>
      write(async () => {
        const [row] = await prisma.$queryRaw<Columns[]>`
          INSERT INTO projects (id, name) SELECT ${uuidV7()}::uuid, ${name}
          WHERE (SELECT count(*) FROM projects) < ${projectsMax}
          ON CONFLICT DO NOTHING RETURNING id, name, created_at AS "createdAt"`;
        if (row !== undefined) return { project: projectFromRow(row), created: true };
        const existing = await prisma.project.findUnique({ where: { name } });
        return existing === null ? null : { project: projectFromRow(existing), created: false };
      }),
  };
}

type Columns = Pick<ProjectRow, 'id' | 'name' | 'createdAt'>;

function projectFromRow({ id, name, createdAt }: Columns): Project {
  return { id, name, createdAt: createdAt.getTime() };
}

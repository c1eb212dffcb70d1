/** Vitest's global setup for projects that need a second server, to which tables of the first one are copied. */
import type { TestProject } from 'vitest/node';
import type { Template } from '../database/databases.js';
import { createTemplates } from '../database/two-servers.js';
import { startPostgres, type TestPostgres } from './postgres.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** As `postgresUrl`, on a second server: of the projects that vitest.config.ts gives one. */
    secondPostgresUrl: string;
    /** Name of the databases that are copied for `TEST_SERVERS=2`, which a project sets in vitest.config.ts. */
    twoServersTemplate: string;
  }
}

interface Shared {
  users: number;
  readonly started: Promise<TestPostgres>;
}

declare global {
  /** One for all projects, as the first server. */
  var tollgateSecondTestServer: Shared | undefined;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Not the one at TEST_DATABASE_URL, which is the first.
  globalThis.tollgateSecondTestServer ??= { users: 0, started: startPostgres({ own: true }) };
  const shared = globalThis.tollgateSecondTestServer;
  shared.users += 1;
  const server = await shared.started;
  project.provide('secondPostgresUrl', server.url);
  const template = await templateFor(project, server.url);
  return async () => {
    await template?.drop();
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.tollgateSecondTestServer = undefined;
    await server.stop();
  };
}

async function templateFor(project: TestProject, second: string): Promise<Template | null> {
  if (project.config.env['TEST_SERVERS'] !== '2') return null;
  const template = await createTemplates({
    home: project.getProvidedContext().postgresUrl,
    second,
  });
  project.provide('twoServersTemplate', template.name);
  return template;
}

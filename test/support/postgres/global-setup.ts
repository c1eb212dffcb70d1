/** Vitest's global setup: one PostgreSQL server with one template database per run. */
import type { TestProject } from 'vitest/node';
import { createTemplate, type Template } from '../database/databases.js';
import { startPostgres, type TestPostgres } from './postgres.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of a superuser to a database that tests do not change. */
    postgresUrl: string;
    /** Name of the database that is copied for a test. */
    postgresTemplate: string;
  }
}

interface Shared {
  users: number;
  readonly started: Promise<{ server: TestPostgres; template: Template }>;
}

declare global {
  /**
   * Vitest runs this file once per project, and each project may load its own copy of this module.
   * They share the server, so it is kept where every copy finds it.
   */
  var tollgateTestServer: Shared | undefined;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.tollgateTestServer ??= { users: 0, started: start() };
  const shared = globalThis.tollgateTestServer;
  shared.users += 1;
  const { server, template } = await shared.started;
  project.provide('postgresUrl', server.url);
  project.provide('postgresTemplate', template.name);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.tollgateTestServer = undefined;
    await template.drop();
    await server.stop();
  };
}

async function start(): Promise<{ server: TestPostgres; template: Template }> {
  const server = await startPostgres();
  try {
    return { server, template: await createTemplate(server.url) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** A whole graph for a suite: Tollgate as a process on its own database, accounts, and a gateway of each kind. */
import { createEmptyDatabase } from '../database/database.js';
import { runCommand } from '../gateway/command.js';
import { startTollgate } from '../gateway/gateway-process.js';
import { type Graph, graphOn } from './graph.js';

export interface StartedGraph extends Graph {
  /** For customer tokens. */
  readonly tokenSecret: string;
}

export interface GraphOptions {
  readonly userIds: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startGraph({ userIds, settings = {} }: GraphOptions): Promise<StartedGraph> {
  const database = await createEmptyDatabase();
  const environment = { DATABASE_URL: database.url };
  const made = await runCommand('commands/keys.ts', ['create'], environment);
  const signing = await runCommand('commands/keys.ts', ['token-secret'], environment);
  const tollgate = await startTollgate({ ...environment, SUBGRAPH: 'on', ...settings });
  const secret = made.stdout.trim();
  const graph = await graphOn({ origin: tollgate.origin, secret }, userIds);
  return {
    ...graph,
    tokenSecret: signing.stdout.trim(),
    stop: async () => {
      await graph.stop();
      await tollgate.stop();
      await database.drop();
    },
  };
}

import { runCommand } from './commands/run.js';
import { start } from './commands/start.js';
import { loadServerConfig } from './config.js';

await runCommand(start, loadServerConfig);

import { runCommand } from './commands/run.js';
import { serve } from './commands/serve.js';

await runCommand(serve);

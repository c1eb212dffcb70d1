/** `npm run release:schemas`, as part of a release: from then on, later releases keep what both schemas offer now. */
import { writeFileSync } from 'node:fs';
import {
  compareReleased,
  pathOfReleased,
  releasedSchema,
  SCHEMA_FILES,
  SCHEMAS_NOW,
  writtenReleased,
} from '../support/schema/released.js';
import { TAKEN_AWAY } from './taken-away.js';

const say = (sentence: string) => process.stderr.write(`${sentence}\n`);

const problems: string[] = [];
for (const file of SCHEMA_FILES) {
  const { text, problem } = releasedSchema(file);
  if (problem !== null) problems.push(`test/released/${file}: ${problem}`);
  const { undeclared } = await compareReleased(file, text);
  problems.push(...undeclared.map((change) => `${file}: ${change}`));
}
if (problems.length > 0) {
  for (const problem of problems) say(problem);
  say('Nothing was written. What is to be taken away needs a line in test/released/taken-away.ts.');
  process.exitCode = 1;
} else {
  for (const file of SCHEMA_FILES) {
    writeFileSync(pathOfReleased(file), writtenReleased(SCHEMAS_NOW[file]));
    say(`test/released/${file} is now the released one.`);
  }
  if (TAKEN_AWAY.length > 0) {
    say('Move the reasons in test/released/taken-away.ts to CHANGELOG.md, and empty the list.');
  }
}

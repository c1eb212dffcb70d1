import type { Config } from '../config.js';
import { EVERY_SCOPE } from '../meter/access/scopes.js';
import { deleteCustomer } from '../meter/delete-customer.js';
import type { VerbContext } from '../meter/verb.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { projectGiven } from './project-given.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run customers -- delete CUSTOMER_ID [--project NAME]

Deletes a customer for good and erases what tells of the person; amounts and ledger stay, under an id that says
nothing. The gateway may be running, unless it uses the embedded database. --project is needed if there are several.`;

/** Deletes a customer. If interrupted, it can be run again and goes on where it was. */
async function customers(config: Config): Promise<void> {
  const { customerId, project: name } = parsed();
  const { store, writeQueue, close } = await openQuietly(config);
  try {
    const project = await projectGiven(store, name);
    const caller = { projectId: project.id, scopes: EVERY_SCOPE };
    const id = await deleted({ caller, store, writeQueue }, customerId);
    console.log(
      `Deleted the customer "${customerId}" of the project "${project.name}". Its ledger stays under the id ${id}.`,
    );
  } finally {
    await close();
  }
}

function parsed() {
  const { positionals, values } = argumentsOf(USAGE, {
    allowPositionals: true,
    options: { project: { type: 'string' } },
  });
  const [verb, customerId, ...more] = positionals;
  if (verb !== 'delete' || customerId === undefined || more.length > 0) {
    throw new CommandError(USAGE);
  }
  return { customerId, project: values.project };
}

/** The id that stands for it from now on. A call erases a bounded part. */
async function deleted(ctx: VerbContext, customerId: string): Promise<string> {
  for (;;) {
    const result = await deleteCustomer(ctx, { customerId });
    if (!result.ok) throw new CommandError(`There is no customer "${customerId}" to delete.`);
    if (result.value.complete) return result.value.customer.id;
  }
}

await runCommand(customers, settingsOrHelp(USAGE));

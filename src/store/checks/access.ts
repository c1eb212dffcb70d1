import type { Check, CheckContext } from './check.js';
import { type Finding, note, ok, warning } from './finding.js';

/** Rights that the gateway does not need, and others should not have. */
export const accessChecks: readonly Check[] = [
  {
    codes: ['superuser'],
    embedded: false,
    tables: false,
    run: async ({ facts }) => [superuserOf(facts)],
  },
  { codes: ['public_schema'], embedded: false, tables: false, run: publicSchema },
];

function superuserOf({ isSuperuser, role }: CheckContext['facts']): Finding {
  if (!isSuperuser) return ok('superuser', `The role ${role} is not a superuser.`);
  return note('superuser', {
    found: `The role ${role} is a superuser.`,
    meaning:
      'The gateway needs much less, and what it can do, so can those who learn DATABASE_URL.',
    advice: 'Give the gateway a role of its own, which owns the tables (docs/configuration.md).',
  });
}

const EVERYONE = `SELECT EXISTS (SELECT FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) AS granted
  WHERE nspname = 'public' AND granted.grantee = 0 AND granted.privilege_type = 'CREATE') AS may`;

/** The default before PostgreSQL 15, which an upgrade keeps. */
async function publicSchema({ client }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<{ may: boolean }>({ text: EVERYONE, values: [] });
  if (rows[0]?.may !== true) {
    return [ok('public_schema', 'Not everyone may create something in the schema public.')];
  }
  return [
    warning('public_schema', {
      found: 'Every role of the server may create functions and operators in the schema public.',
      meaning:
        "The gateway's statements look for functions there, and may run one that another role has put beside PostgreSQL's own.",
      advice: 'As a superuser or its owner, run:',
      commands: ['REVOKE CREATE ON SCHEMA public FROM PUBLIC;'],
    }),
  ];
}

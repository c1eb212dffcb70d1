/**
 * Baseline (c): the straightforward implementation. The same Yoga as (a), with a resolver that does the work in one
 * interactive Prisma transaction of five statements: customer, balance under a lock, event, ledger entry, balance.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import { createYoga } from 'graphql-yoga';
import { PrismaClient } from '../../../src/generated/prisma/client.js';
import { customerScope } from '../../../src/meter/customer-key.js';
import { uuidV7 } from '../../../src/platform/id.js';
import { serve } from './serve.js';
import { stockSchema } from './stock-schema.js';

const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] ?? '', max: 10 }),
  transactionOptions: { maxWait: 60_000, timeout: 60_000 },
});
const projectId = process.env['BENCH_PROJECT'] ?? '';

interface Arguments {
  readonly input: {
    readonly customerId: string;
    readonly featureId: string;
    readonly value: number;
    readonly properties: object;
  };
}

function trackBalance({ input }: Arguments): Promise<object> {
  const { customerKey } = customerScope(projectId, input.customerId);
  const now = new Date();
  return prisma.$transaction(async (transaction) => {
    await transaction.customer.findUniqueOrThrow({ where: { customerKey, projectId } });
    const [balance] = await transaction.$queryRaw<
      { id: string; granted: string; used: string; ledger_seq: bigint }[]
    >`SELECT id, granted::text, used::text, ledger_seq FROM balances
      WHERE customer_key = ${customerKey}::uuid AND project_id = ${projectId}::uuid FOR UPDATE`;
    if (balance === undefined) throw new Error('no balance');
    const used = Number(balance.used) + input.value;
    const granted = Number(balance.granted);
    const seq = balance.ledger_seq + 1n;
    const event = await transaction.event.create({
      data: {
        customerKey,
        id: uuidV7(),
        projectId,
        featureId: input.featureId,
        value: input.value,
        properties: { ...input.properties },
        occurredAt: now,
        recordedAt: now,
        outcome: {},
      },
    });
    await transaction.ledgerEntry.create({
      data: {
        customerKey,
        balanceId: balance.id,
        seq,
        projectId,
        kind: 'TRACK',
        amount: -input.value,
        grantedAfter: granted,
        usedAfter: used,
        eventId: event.id,
        effectiveAt: now,
        recordedAt: now,
      },
    });
    await transaction.balance.update({
      where: { customerKey_id: { customerKey, id: balance.id } },
      data: { used, ledgerSeq: seq },
    });
    return {
      __typename: 'TrackBalancePayload',
      event: { id: event.id },
      value: input.value,
      balance: { granted, remaining: granted - used, usage: used },
      replayed: false,
    };
  });
}

serve(createYoga({ schema: stockSchema((_root, args) => trackBalance(argumentsOf(args))) }));

/** graphql-js has validated them against the schema. */
function argumentsOf(args: object): Arguments {
  return args as Arguments;
}

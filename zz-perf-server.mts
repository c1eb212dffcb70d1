import { createServer } from 'node:http';
import { createYoga, createSchema } from 'graphql-yoga';
import { createGateway } from '/work/main/src/gateway.ts';
import { createLogger } from '/work/main/src/platform/logger.ts';
import { done } from '/work/main/src/meter/verb.ts';
const which = process.argv[2];
const scope = { projectId: '0b1f8a40-0000-4000-8000-000000000000', customerKey: '9f122c42-a785-5424-bdfb-20609a44316e' };
const balance: any = { id: '01a208f5-8dae-7005-a438-c9f77aca828a', featureId: 'api_calls', entityId: null, unlimited: false, granted: 1000000000000n, used: 10000000000n, rollovers: [], priority: 0, reset: null, nextResetAt: null, startsAt: null, expiresAt: null, expiredAt: null, overageAllowed: false, overageLimit: null, createdAt: 1, ledgerSeq: 2 };
const fb: any = { featureId: 'api_calls', granted: 1000000000000n, remaining: 990000000000n, usage: 10000000000n, overage: 0n, unlimited: false, overageAllowed: false, nextResetAt: null, breakdown: [balance] };
const tracked: any = { scope, customerId: 'acme', value: 10000000000n, replayed: false, balance: fb, balances: [fb], deductions: [], unapplied: [], event: { ...scope, id: '01a208f5-8e1b-7006-bb8c-48cbcbc86aef', entityId: null, featureId: 'api_calls', eventName: null, value: 1n, properties: null, occurredAt: 1, recordedAt: 1, idempotencyKey: null, outcome: { deductions: [], unapplied: [] } } };
let handler: any;
if (which === 'ours') {
  handler = createGateway({
    config: { graphiql: true, bodyBytesMax: 2e6 }, store: {} as any,
    commands: { submit: async () => done(tracked), drain: async () => {} } as any,
    authenticate: async () => ({ projectId: scope.projectId }), isReady: async () => true,
    logger: createLogger({ level: process.argv[3] ?? 'warn', readable: false } as any),
  }).handle;
} else {
  handler = createYoga({ logging: false, schema: createSchema({ typeDefs: `type Query { a: Int } scalar JSON input I { customerId: String! featureId: String value: Float = 1 properties: JSON idempotencyKey: String entityId: String } type FB { remaining: Float usage: Float } type P { replayed: Boolean! balance: FB } type E { code: String message: String } union R = P | E type Mutation { trackBalance(input: I!): R! }`, resolvers: { R: { __resolveType: () => 'P' }, Mutation: { trackBalance: async () => ({ replayed: false, balance: { remaining: 99, usage: 1 } }) } } }) });
}
createServer(handler).listen(Number(process.argv[4] ?? 4555), () => console.log('up'));
let last = process.cpuUsage();
process.on('SIGUSR2', () => { const c = process.cpuUsage(last); last = process.cpuUsage(); console.log('cpu us', c.user + c.system); });

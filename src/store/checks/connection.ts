import type { Socket } from 'node:net';
import type pg from 'pg';
import { monotonicMs } from '../../platform/clock.js';
import { isSocket, readAddress, type ServerAddress } from '../server-address.js';
import type { Check, CheckContext } from './check.js';
import { type Finding, note, ok, problem, warning } from './finding.js';

/** What lies between this process and the server. */
export const connectionChecks: readonly Check[] = [
  { codes: ['tls'], embedded: false, tables: false, run: async (context) => [tlsOf(context)] },
  { codes: ['round_trip', 'clock'], embedded: false, tables: false, run: measured },
];

function tlsOf({ address, client }: CheckContext): Finding {
  if ('stream' in address) return ok('tls', 'The database is inside this process.');
  const server = readAddress(address.connectionString);
  if (isSocket(server)) return ok('tls', 'The connection is a Unix socket.');
  const isEncrypted = (client.connection.stream as Partial<Encrypted>).encrypted === true;
  const { host } = server;
  if (isLoopback(host)) return ok('tls', `The server is on this machine (${host}).`);
  if (!isEncrypted) {
    return warning('tls', {
      found: `The connection to ${host} is not encrypted.`,
      meaning:
        'Others on the network can read and change what is sent, names and amounts included.',
      ...VERIFY,
    });
  }
  if (isVerified(server)) return ok('tls', `The connection to ${host} is encrypted and verified.`);
  const mode = server.parameters.get('sslmode') ?? 'the absence of sslmode';
  return note('tls', {
    found: `The connection to ${host} is encrypted, but ${mode} accepts any certificate.`,
    meaning: 'Another machine could pretend to be the server.',
    ...VERIFY,
  });
}

interface Encrypted extends Socket {
  readonly encrypted: boolean;
}

const VERIFY = {
  advice:
    'Turn TLS on at the server, and in DATABASE_URL set sslmode=verify-full and sslrootcert=FILE, the certificate of its authority.',
} as const;

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

/** By its own name, or by an authority that is given. */
function isVerified({ parameters }: ServerAddress): boolean {
  const mode = parameters.get('sslmode');
  if (mode === 'verify-full' || mode === 'verify-ca') return true;
  if (mode === 'require') return parameters.has('sslrootcert');
  return mode === undefined && parameters.get('ssl') !== 'no-verify';
}

const SAMPLES = 5;

interface Sample {
  readonly roundTripMs: number;
  /** How far the server's clock is ahead. */
  readonly skewMs: number;
}

/** The quickest answer says most about both: the server read its clock within that time. */
async function measured(context: CheckContext): Promise<readonly Finding[]> {
  const samples: Sample[] = [];
  for (let taken = 0; taken < SAMPLES; taken += 1) samples.push(await sample(context));
  const [best] = samples.toSorted((left, right) => left.roundTripMs - right.roundTripMs);
  return best === undefined ? [] : [roundTripOf(best, context), skewOf(best, context)];
}

const CLOCK = 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now';

async function sample({ client, wallClockMs }: CheckContext): Promise<Sample> {
  const startMs = monotonicMs();
  const sentAt = wallClockMs();
  const { rows } = await client.query<{ now: number }>({ text: CLOCK, values: [] });
  const roundTripMs = monotonicMs() - startMs;
  return { roundTripMs, skewMs: (rows[0]?.now ?? 0) - (sentAt + roundTripMs / 2) };
}

function roundTripOf({ roundTripMs }: Sample, { limits }: CheckContext): Finding {
  const found = `The server answers within ${roundTripMs.toFixed(1)} ms.`;
  if (roundTripMs <= limits.roundTripMs) return ok('round_trip', found);
  return note('round_trip', {
    found,
    meaning:
      'Every call waits for one answer at least, and while a customer is locked, others wait for it too.',
    advice: 'Run the gateway near its database: in the same region, best in the same zone.',
  });
}

function skewOf({ skewMs, roundTripMs }: Sample, { limits }: CheckContext): Finding {
  const uncertainMs = roundTripMs / 2;
  const certainMs = Math.max(0, Math.abs(skewMs) - uncertainMs);
  const direction = skewMs > 0 ? 'ahead of' : 'behind';
  const amount = `${(Math.abs(skewMs) / 1_000).toFixed(2)} s (±${(uncertainMs / 1_000).toFixed(2)} s)`;
  const found = `The server's clock is ${amount} ${direction} this machine's.`;
  if (certainMs <= limits.skewMs) return ok('clock', found);
  const told = {
    found,
    meaning:
      "Balances follow the server's clock, but customer tokens expire by this machine's, and the time in its log is its own.",
    advice: 'Synchronize both by NTP; whether this machine is, says:',
    commands: ['timedatectl status'],
  };
  return certainMs > limits.skewMaxMs ? problem('clock', told) : warning('clock', told);
}

/** Of a connection, the process that the server said would serve it: behind a pooler, one that does not exist. */
export function announcedPid(client: pg.Client): number {
  return Number(Reflect.get(client, 'processID'));
}

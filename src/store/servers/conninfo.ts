import { readAddress } from '../server-address.js';

/** What PostgreSQL's own library understands besides the parts, and what replication needs of it. */
const PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'options'];

/** Modes that it has not. */
const MODES: ReadonlyMap<string, string> = new Map([['no-verify', 'require']]);

/** How another server connects to the database that gateways reach by this address, as PostgreSQL's own library reads it. */
export function conninfoOf(connectionString: string): string {
  const { host, port, database, user, password, parameters } = readAddress(connectionString);
  const parts: [string, string | number | null | undefined][] = [
    ['host', host],
    ['port', port],
    ['dbname', database],
    ['user', user],
    ['password', password],
    ...PARAMETERS.map((name): [string, string | undefined] => {
      const value = parameters.get(name);
      return [name, name === 'sslmode' ? (MODES.get(value ?? '') ?? value) : value];
    }),
  ];
  return parts
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}='${String(value).replaceAll(/['\\]/g, '\\$&')}'`)
    .join(' ');
}

/** The address with its port: without one, pg would take PGPORT, and messages would name another port than is used. */
export function withPort(connectionString: string): string {
  const url = new URL(connectionString);
  if (url.port !== '' || url.searchParams.has('port')) return connectionString;
  url.searchParams.set('port', '5432');
  return url.href;
}

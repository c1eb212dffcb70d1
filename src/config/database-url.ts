/** Whether it is the address of a PostgreSQL, and of the one schema that Tollgate is written for. */
export function isDatabaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, searchParams } = new URL(value);
  // Prisma's addresses may name a schema; our migrations and raw SQL are written for one.
  const schema = searchParams.get('schema') ?? 'public';
  return /^postgres(ql)?:$/.test(protocol) && schema === 'public';
}

/** The address as it may be shown. */
export function withoutPassword(value: string): string {
  const hidden = 'no address (not shown, as it may hold a password)';
  if (!URL.canParse(value)) return hidden;
  const url = new URL(value);
  // A password with a slash in it ends up behind the host.
  if (`${url.pathname}${url.search}${url.hash}`.includes('@')) return hidden;
  if (url.password !== '') url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return `"${url.href}"`;
}

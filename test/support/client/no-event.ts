/** The id of a usage event that does not exist, of a customer that does not exist. */
export const NO_EVENT = Buffer.from(
  'UsageEvent:00000000-0000-5000-8000-000000000000:00000000-0000-7000-8000-000000000000',
).toString('base64');

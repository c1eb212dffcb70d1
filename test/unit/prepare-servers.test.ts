import { expect, it } from 'vitest';
import { explained } from '../../src/commands/prepare-servers.js';

it('what is wrong with the address of another server names the setting of that one', () => {
  const refused = Object.assign(new Error('password authentication failed for user "u"'), {
    severity: 'FATAL',
    code: '28P01',
  });
  const { message } = explained(refused, 'north', 'postgresql://u:secret@n.example/tollgate');
  expect(message).toBe(
    'The server north: PostgreSQL at n.example:5432/tollgate refuses the connection: password authentication failed for user "u". ' +
      'Correct the user name and the password in DATABASE_URL_NORTH.',
  );
});

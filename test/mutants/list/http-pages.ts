import type { Mutant } from '../mutant.js';

export const HTTP_PAGES: readonly Mutant[] = [
  {
    guarantee: 'pages cannot be framed',
    file: 'src/http/page.ts',
    find: "'X-Frame-Options': 'DENY',",
    replace: '',
    tests: ['graphql/graphiql.test.ts'],
  },
  {
    guarantee: 'browsers do not guess the type of pages',
    file: 'src/http/page.ts',
    find: "'X-Content-Type-Options': 'nosniff',",
    replace: '',
    tests: ['graphql/graphiql.test.ts'],
  },
  {
    guarantee: 'pages have a content security policy',
    file: 'src/http/page.ts',
    find: "'Content-Security-Policy': securityPolicyOf(text)",
    replace: '',
    tests: ['graphql/graphiql.test.ts'],
  },
  {
    guarantee: 'pages send no referrer to other servers',
    file: 'src/http/page.ts',
    find: "'Referrer-Policy': 'no-referrer',",
    replace: '',
    tests: ['graphql/graphiql.test.ts'],
  },
  {
    guarantee: 'GraphiQL is not served if it is turned off',
    file: 'src/http/page.ts',
    find: 'graphiql ? once(renderGraphiql) : landing',
    replace: 'once(renderGraphiql)',
    tests: ['graphql/graphiql.test.ts'],
  },
  {
    guarantee: 'the tab that creates everything can be run again without deducting again',
    file: 'src/http/graphiql/tabs.ts',
    find: '      idempotencyKey: "report-1"',
    replace: '',
    tests: ['graphql/ready-tabs.test.ts'],
  },
  {
    guarantee: 'the tab that explains refusals needs none of the other tabs',
    file: 'src/http/graphiql/tabs.ts',
    find: '  # What they refer to: created if missing.\n  createFeature(',
    replace: '  createFeature: updateFeature(',
    tests: ['graphql/ready-tabs.test.ts'],
  },
  {
    guarantee: 'GraphiQL opens with the ready tabs',
    file: 'src/http/graphiql.ts',
    find: 'JSON.stringify(READY_TABS)',
    replace: "'[]'",
    tests: ['graphql/graphiql.test.ts'],
  },
  {
    guarantee: 'a page that has changed is sent again',
    file: 'src/http/page.ts',
    find: "headers.get('if-none-match')?.includes(page.tag)",
    replace: "headers.get('if-none-match')",
    tests: ['graphql/graphiql.test.ts'],
  },
  {
    guarantee: 'a page is not sent again to a browser that has it',
    file: 'src/http/page.ts',
    find: 'ETag: tag, ',
    replace: '',
    tests: ['graphql/graphiql.test.ts'],
  },
];

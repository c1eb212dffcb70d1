import type { Mutant } from '../mutant.js';

const tests = ['graphql/trusted-documents.test.ts'];
const files = ['unit/trusted-documents.test.ts'];
const registered = ['unit/registered-queries.test.ts'];

export const HTTP_TRUSTED: readonly Mutant[] = [
  {
    guarantee: 'a worker that replaces another one has the documents of the start',
    file: 'src/commands/serve.ts',
    find: 'await (primary?.trustedDocuments() ?? readTrustedDocuments(config))',
    replace: 'await readTrustedDocuments(config)',
    tests: ['store/starts-trusted.test.ts'],
  },
  {
    guarantee:
      'a document that repeats its fields too often to be compared is refused with a reason',
    file: 'src/http/document.ts',
    find: 'if (errors.some(({ message }) => message === ABORTED)) return { errors: [tooRepetitive()] };',
    replace: '',
    tests: ['unit/trusted-documents.test.ts'],
  },
  {
    guarantee: 'only trusted texts are executed where documents have to be trusted',
    file: 'src/http/trusted/document-ids.ts',
    find: "if (this.#mode !== 'enforce' || this.#texts.has(query)) return;",
    replace: 'if (query.length > 0) return;',
    tests,
  },
  {
    guarantee: 'a trusted text is executed however it is sent',
    file: 'src/http/trusted/document-ids.ts',
    find: ' || this.#texts.has(query)) return;',
    replace: ') return;',
    tests,
  },
  {
    guarantee: 'an id with another text is refused',
    file: 'src/http/trusted/document-ids.ts',
    find: 'if (query !== null && query !== text) {',
    replace: 'if (query !== null && query === text) {',
    tests,
  },
  {
    guarantee: 'a hash with another text is refused',
    file: 'src/http/trusted/document-ids.ts',
    find: 'if (sha256Hex(query) !== hash) throw',
    replace: 'if (sha256Hex(query) === query) throw',
    tests,
  },
  {
    guarantee: 'an unknown hash is answered as clients expect',
    file: 'src/http/trusted/document-ids.ts',
    find: "throw protocolError('PERSISTED_QUERY_NOT_FOUND');",
    replace: "throw protocolError('BAD_REQUEST');",
    tests: ['graphql/request.test.ts'],
  },
  {
    guarantee: 'a manifest has no effect if trusted documents are off',
    file: 'src/http/trusted/document-ids.ts',
    find: "mode === 'off' ? new Map() : withDigests(manifest)",
    replace: 'withDigests(manifest)',
    tests,
  },
  {
    guarantee: 'the SHA-256 of a document is one of its ids',
    file: 'src/http/trusted/manifest.ts',
    find: 'for (const form of [digest, PREFIX + digest])',
    replace: 'for (const form of [PREFIX + digest])',
    tests,
  },
  {
    guarantee: 'the shape of a trusted document is not limited',
    file: 'src/http/document.ts',
    find: '(text) => parseTrusted(text, this.#batchFields)',
    replace: '(text) => parseWithinLimits(text, this.#batchFields)',
    tests: ['graphql/trusted-shapes.test.ts'],
  },
  {
    guarantee: 'gateways of a larger graph are not restricted to trusted documents',
    file: 'src/http/door.ts',
    find: "mode === 'off' ? mode : 'allow'",
    replace: 'mode',
    tests: ['graphql/trusted-shapes.test.ts'],
  },
  {
    guarantee: 'an operation has one batch, in a trusted document as well',
    file: 'src/http/limits.ts',
    find: '  const document = parse(source);\n  refuseBatches(document, batchFields);\n  return',
    replace: '  const document = parse(source);\n  return',
    tests: files,
  },
  {
    guarantee: 'an id that claims to be a SHA-256 is one',
    file: 'src/http/trusted/manifest.ts',
    find: 'id !== PREFIX + sha256Hex(text)',
    replace: 'id === PREFIX',
    tests: files,
  },
  {
    guarantee: 'an id stands for one document',
    file: 'src/http/trusted/manifest.ts',
    find: 'if (into.has(id) && into.get(id) !== text) {',
    replace: 'if (into.has(id) && text === id) {',
    tests: files,
  },
  {
    guarantee: 'a manifest without documents is refused if nothing else may be executed',
    file: 'src/commands/trusted-documents.ts',
    find: "mode === 'enforce' && documents.size === 0",
    replace: "mode === 'off' && documents.size === 0",
    tests: files,
  },
  {
    guarantee: 'a trusted document contains only what can be executed',
    file: 'src/http/document.ts',
    find: 'return plans.length > 0 && !plans.includes(null);',
    replace: 'return plans.length >= 0;',
    tests: files,
  },
  {
    guarantee: 'projects do not find the registered queries of others',
    file: 'src/http/trusted/registered-queries.ts',
    find: 'return this.#projects.get(projectId)?.get(hash);',
    replace: 'return [...this.#projects.values()].find((each) => each.get(hash))?.get(hash);',
    tests: registered,
  },
  {
    guarantee: 'the project that has most registered queries loses some first',
    file: 'src/http/trusted/registered-queries.ts',
    find: 'entry[1].chars > largest[1].chars',
    replace: 'entry[1].chars < largest[1].chars',
    tests: registered,
  },
  {
    guarantee: 'a registered query that is used is kept',
    file: 'src/http/trusted/registered-queries.ts',
    find: '    this.#texts.delete(hash);\n    this.#texts.set(hash, text);\n    return text;',
    replace: '    return text;',
    tests: registered,
  },
  {
    guarantee: 'the registered queries of all projects are bounded',
    file: 'src/http/trusted/registered-queries.ts',
    find: 'while (this.#chars > charsMax)',
    replace: 'while (this.#chars < 0)',
    tests: registered,
  },
];

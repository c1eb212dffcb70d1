import * as fc from 'fast-check';

// The seed that vitest.config.ts sets, for every property.
fc.configureGlobal({ seed: Number(process.env['TEST_SEED']) });

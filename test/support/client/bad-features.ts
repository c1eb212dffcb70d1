/** Bad input to the mutations of features that exist: what is wrong with it, and the refusal. */

type Row = readonly [what: string, input: object, expected: string];

export const BAD_FEATURES: Readonly<
  Record<string, { readonly input: string; readonly rows: readonly Row[] }>
> = {
  updateFeature: {
    input: 'FeaturesUpdateInput',
    rows: [
      ['an unknown feature', { featureId: 'x' }, 'FEATURE_NOT_FOUND'],
      ['an empty name', { featureId: 'messages', name: '' }, 'name length'],
      ['a changed type', { featureId: 'messages', type: 'BOOLEAN' }, 'BAD_USER_INPUT'],
    ],
  },
  archiveFeature: {
    input: 'FeaturesArchiveInput',
    rows: [
      ['an unknown feature', { featureId: 'x' }, 'FEATURE_NOT_FOUND'],
      ['an empty id', { featureId: '' }, 'featureId id'],
    ],
  },
  deleteFeature: {
    input: 'FeaturesDeleteInput',
    rows: [
      ['an unknown feature', { featureId: 'x' }, 'FEATURE_NOT_FOUND'],
      ['an id with a space', { featureId: 'a b' }, 'featureId id'],
      ['a feature that a credit system lists', { featureId: 'messages' }, 'FEATURE_IN_USE'],
    ],
  },
};

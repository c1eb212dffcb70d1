/** Directives of Apollo Federation, as the `extensions` of what they belong to. */

/** Other subgraphs may have the same type. */
export const SHAREABLE = { directives: { shareable: {} } };

/** The colours of GraphiQL's two themes, for what is not GraphiQL's own. */
const LIGHT = '--bar: #fff; --ink: #3b4b68; --quiet: #59687f; --edge: #b7bdc8; --alarm: #b3261e;';
const DARK = '--bar: #212a3b; --ink: #d5dbe7; --quiet: #a3adc2; --edge: #55617a; --alarm: #ff8a80;';

const BAR = `
/* Else a tab whose place has changed, because the bar has, jumps away from under the first click. */
#root .graphiql-tab { transform: none !important; }
html, body { height: 100%; margin: 0; }
body { ${LIGHT} display: flex; flex-direction: column; overflow: hidden; background: var(--bar); }
body.graphiql-dark { ${DARK} }
@media (prefers-color-scheme: dark) { body:not(.graphiql-light) { ${DARK} } }
#root { flex: 1; min-height: 0; }
#root .graphiql-container { width: 100%; height: 100%; }
#key-bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 12px; padding: 10px 16px 0;
  color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
#key-form { flex: 0 1 480px; display: flex; align-items: center; gap: 8px; min-width: 0; margin: 0; }
#key-form label { font-weight: 600; white-space: nowrap; }
#key-bar input, #key-bar button { box-sizing: border-box; height: 32px; padding: 0 10px; font: inherit; color: inherit;
  white-space: nowrap; background: transparent; border: 1px solid var(--edge); border-radius: 6px; }
#key-bar input { flex: 1; min-width: 0; font: 13px/20px ui-monospace, monospace; }
#key-bar input:not(:placeholder-shown) { -webkit-text-security: disc; }
#key-bar input::placeholder { color: var(--quiet); opacity: 1; }
#key-bar button { cursor: pointer; }
#examples { margin-left: auto; }
#key-word { order: 1; flex-basis: 100%; color: var(--quiet); overflow-wrap: anywhere; }
#key-word p { display: none; margin: 0; }
#key-word strong { color: var(--alarm); }
#key-word code { font-family: ui-monospace, monospace; font-size: 13px; color: var(--ink); }
.without-key .for-without-key, .refused .for-refused, .refused-header .for-refused-header,
.unreachable .for-unreachable, .accepted .for-accepted { display: block !important; }
.accepted #key-word { order: 0; flex-basis: auto; }
`;

/** In a narrow window: the side bar at the top, the answer below the request, the documentation in place of both. */
const NARROW = `
@media (max-width: 700px) {
  #key-bar { gap: 6px 8px; padding: 8px 8px 0; }
  #key-form { flex: 1 1 0; }
  #key-form label { position: absolute; left: -1000px; }
  .accepted #key-word { order: 1; flex-basis: 100%; }
  .graphiql-container > .graphiql-container { flex-direction: column; }
  .graphiql-container .graphiql-sidebar { flex-direction: row; width: auto; padding: 4px; overflow: visible; }
  .graphiql-container .graphiql-sidebar > button[style] { margin-top: 0 !important; margin-left: auto; }
  .graphiql-container .graphiql-main { flex: 1; min-height: 0; }
  .graphiql-container .graphiql-sessions { margin: 0; border-radius: 0; }
  .graphiql-container .graphiql-logo { display: none; }
  .graphiql-container #graphiql-session { flex-direction: column; min-height: 0; padding: 4px; }
  .graphiql-container .graphiql-editors { min-height: 0; width: auto; }
  .graphiql-container .graphiql-response { min-height: 0; }
  .graphiql-container .graphiql-horizontal-drag-bar { display: none; }
  .graphiql-main:has(> .graphiql-plugin:not([style*='-1000px'])) > .graphiql-sessions { display: none; }
  .graphiql-main > .graphiql-plugin { flex: 1 !important; border: 0; max-width: none; }
}
`;

export const STYLE = BAR + NARROW;

import { ICON, MARK } from './mark.js';
import { GRAPHQL_PATH } from './paths.js';

interface Landing {
  readonly graphiql: boolean;
  /** The port that the page was requested from; empty if its address has none. */
  readonly port: string;
}

/** A page that says what this is and what to do next, for people who open the address in a browser. */
export function renderLanding({ graphiql, port }: Landing): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tollgate</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${MARK} Tollgate</h1>
<p>A GraphQL gateway that records usage and draws down balances, exactly once.
It is running. The API is at <code>${GRAPHQL_PATH}</code>.</p>
${graphiql ? GRAPHIQL_ON : GRAPHIQL_OFF}
<h2>Call it</h2>
<ol>
<li>Create a project and its key, on the machine that runs the gateway:
<pre>npm run keys -- create --project my-app --new-project</pre>
If the gateway uses the embedded database, stop it first and start it again afterwards.</li>
<li>Send the key with every request:
<pre>curl -s http://127.0.0.1:${port || 4000}${GRAPHQL_PATH} \\
  -H 'Authorization: Bearer tg_sk_...' \\
  -H 'Content-Type: application/json' \\
  -d '{"query":"{ features { edges { node { featureId } } } }"}'</pre></li>
<li>Create a feature, a customer and a balance, and track the first usage, as
described in <code>docs/quick-start.md</code>.</li>
</ol>
<p><a href="/health">/health</a> answers while the process is alive,
<a href="/ready">/ready</a> while it can serve requests. Neither needs a key.</p>
</main>
</body>
</html>
`;
}

const GRAPHIQL_ON = `<p><a class="go" href="${GRAPHQL_PATH}">Open GraphiQL</a></p>
<p>It explores the schema and runs requests, with the key that you enter there.
<code>${GRAPHQL_PATH}#key=tg_sk_...</code> opens it with the key filled in.</p>`;

const GRAPHIQL_OFF = `<p>GraphiQL, which explores the schema and runs requests in the browser, is off.
To have it at <code>${GRAPHQL_PATH}</code>, start the gateway with <code>GRAPHIQL=on</code>.</p>`;

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem; }
h1 { display: flex; gap: .6rem; align-items: center; font-size: 1.6rem; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { overflow-x: auto; padding: .75rem 1rem; border-radius: 6px; background: #8881; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
.go { display: inline-block; padding: .35rem .9rem; border-radius: 6px;
  background: #1f3a5f; color: #fff; text-decoration: none; }
`;

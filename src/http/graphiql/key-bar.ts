/** The bar above GraphiQL, with the key that all its requests are sent with. */

const CREATE_KEY = '<code>npm run keys -- create --project my-app --new-project</code>';

/**
 * The field is not a password field: browsers would offer to keep the key beyond the session. What
 * it says is one of the paragraphs, chosen by the class of the bar.
 */
export const KEY_BAR = `<header id="key-bar" class="without-key">
<form id="key-form">
<label for="key">API key</label>
<input id="key" placeholder="tg_sk_..." autocomplete="off" autocapitalize="off" spellcheck="false">
<button type="submit">Use key</button>
</form>
<div id="key-word" role="status">
<p class="for-without-key">Enter a key to load the schema and run requests.
To create a project and its key, run ${CREATE_KEY} on the machine of the gateway.</p>
<p class="for-refused"><strong>The gateway does not accept this key.</strong>
It is incomplete, expired or revoked, or belongs to another gateway. Enter another key, or
create one: ${CREATE_KEY}</p>
<p class="for-refused-header"><strong>The gateway does not accept the <code>Authorization</code> in this tab&rsquo;s
Headers.</strong> Correct it, or remove it to use the key above.</p>
<p class="for-unreachable"><strong>The gateway cannot be reached.</strong> Is it still running?</p>
<p class="for-accepted">Accepted. Kept until you close this tab.</p>
</div>
<button type="button" id="examples">Examples</button>
</header>`;

/**
 * Runs in the page before GraphiQL does. The key leaves the address at once, so that neither the
 * history nor a copied link contains it, and is kept for as long as the browser tab is open. It is
 * in none of GraphiQL's headers, which GraphiQL would keep for longer.
 */
export const KEY_BAR_SCRIPT = `
const keySlot = 'tollgate:key';
const keyBar = document.querySelector('#key-bar');
const keyField = document.querySelector('#key');

function keyFrom(text) {
  return text.trim().replace(/^Bearer\\s+/i, '');
}

function useKeyOfAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  if (given) sessionStorage.setItem(keySlot, keyFrom(given));
  return Boolean(given);
}

useKeyOfAddress();
addEventListener('hashchange', () => {
  if (useKeyOfAddress()) location.reload();
});
keyField.value = sessionStorage.getItem(keySlot) ?? '';
if (keyField.value !== '') keyBar.className = '';

document.querySelector('#key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(keySlot, keyFrom(keyField.value));
  location.reload();
});

const originalFetch = window.fetch;
window.fetch = async (resource, init = {}) => {
  const headers = new Headers(init.headers);
  const hasOwn = headers.has('Authorization');
  const key = sessionStorage.getItem(keySlot) ?? '';
  const isSendable = /^[\\x21-\\x7e]+$/.test(key);
  if (!hasOwn && isSendable) headers.set('Authorization', 'Bearer ' + key);
  try {
    const response = await originalFetch(resource, { ...init, headers });
    if (response.status !== 401) keyBar.className = hasOwn ? '' : 'accepted';
    else if (hasOwn) keyBar.className = 'refused-header';
    else keyBar.className = key === '' ? 'without-key' : 'refused';
    return response;
  } catch (error) {
    if (error.name !== 'AbortError') keyBar.className = 'unreachable';
    throw error;
  }
};
`;

import type { ShellPlugin } from './shell-plugin.js';

export type IsReady = () => Promise<boolean>;

/** Health checks are answered no matter how busy the process is. */
export function isHealthCheck(path: string): boolean {
  return path === '/health' || path === '/ready';
}

/** `/health`: the process is alive. `/ready`: it can do its work. Neither needs a key. */
export function useHealth(isReady: IsReady): ShellPlugin {
  // Simultaneous checks share one answer: anyone may send them, and each would query the database.
  let asked: Promise<boolean> | null = null;
  const ask = () => {
    asked ??= isReady()
      .catch(() => false)
      .finally(() => {
        asked = null;
      });
    return asked;
  };
  return {
    async onRequest({ url, fetchAPI, endResponse }) {
      const answer = (status: number, text: string) =>
        endResponse(new fetchAPI.Response(text, { status, headers: { ...HEADERS } }));
      if (url.pathname === '/health') answer(200, 'ok');
      if (url.pathname !== '/ready') return;
      const ready = await ask();
      answer(ready ? 200 : 503, ready ? 'ready' : 'not ready');
    },
  };
}

const HEADERS = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };

/** A page whose front end starts with the visitor's flags: no request for them, no flicker. Prints the page. */
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const client = new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });
await client.waitForInitialization(5_000);

/** What the front end may see: the other flags are nobody's business. */
const PUBLIC_FLAGS = ['shop-theme', 'max-items', 'banner'];

function renderPage(visitor: { key: string; country: string; age: number }): string {
  const all = client.getAllLatestFlagVariations(visitor).toJSON(); // looking records no events
  const flags = Object.fromEntries(PUBLIC_FLAGS.map((key) => [key, all.flags[key]?.value ?? null]));
  return `<!doctype html>
<html data-theme="${client.variation('shop-theme', visitor, 'light')}">
  <body>
    <main id="app"></main>
    <script id="flags" type="application/json">${jsonForHtml(flags)}</script>
    <script type="module">
      const flags = JSON.parse(document.getElementById('flags').textContent);
      document.getElementById('app').textContent = flags.banner?.text ?? '';
    </script>
  </body>
</html>`;
}

/** A value that holds "</script>" must not end the element. */
function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

console.log(renderPage({ key: 'user-1', country: 'NZ', age: 36 }));
await client.close();

/** Driver for @featbit/react-client-sdk, as its README uses it: what a component sees. */
import { asyncWithFbProvider, useFbClient, useFlags } from '@featbit/react-client-sdk';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { serve } from './page.js';

let flags = {};
let client;

function userOf({ key, name, custom = {} }) {
  return { keyId: key, name, customizedProperties: Object.entries(custom).map(([name, value]) => ({ name, value })) };
}

serve({
  async start({ url, clientSecret: sdkKey }, who) {
    const streamingUri = url.replace('http', 'ws');
    const options = { sdkKey, streamingUri, eventsUri: url, user: userOf(who) };
    const Provider = await asyncWithFbProvider({ options });
    await new Promise((rendered) => {
      const Component = () => {
        flags = useFlags();
        client = useFbClient();
        rendered();
        return null;
      };
      createRoot(document.body).render(createElement(Provider, null, createElement(Component)));
    });
  },
  identify: (who) => client.identify(userOf(who)),
  // An application writes `flags.key ?? fallback`.
  evaluate: (flag, _type, fallback) => flags[flag] ?? fallback,
  track: (eventName, value) => client.track(eventName, value),
  flush: () => client.flush(),
  close: () => client.close(),
});

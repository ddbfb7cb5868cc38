/** Driver for @featbit/js-client-sdk, as its README uses it. */
import { FbClientBuilder, UserBuilder } from '@featbit/js-client-sdk';
import { serve } from './page.js';

const METHODS = {
  boolean: 'boolVariation',
  string: 'stringVariation',
  number: 'numberVariation',
  json: 'jsonVariation',
};

let client;

function userOf({ key, name, custom = {} }) {
  const builder = new UserBuilder(key).name(name);
  for (const [attribute, value] of Object.entries(custom)) builder.custom(attribute, value);
  return builder.build();
}

serve({
  async start({ url, clientSecret }, who) {
    client = new FbClientBuilder()
      .sdkKey(clientSecret)
      .streamingUri(url.replace('http', 'ws'))
      .eventsUri(url)
      .user(userOf(who))
      .build();
    await client.waitForInitialization();
  },
  identify: (who) => client.identify(userOf(who)),
  evaluate: (flag, type, fallback) => client[METHODS[type]](flag, fallback),
  track: (eventName, value) => client.track(eventName, value),
  flush: () => client.flush(),
  close: () => client.close(),
});

/** Driver for @featbit/openfeature-provider-js-client. */
import { FbProvider } from '@featbit/openfeature-provider-js-client';
import { OpenFeature } from '@openfeature/web-sdk';
import { serveProvider } from './openfeature-web.js';

serveProvider(
  ({ url, clientSecret }, { targetingKey, name }) => {
    const user = { keyId: targetingKey, name, customizedProperties: [] };
    return new FbProvider({ sdkKey: clientSecret, streamingUri: url.replace('http', 'ws'), eventsUri: url, user });
  },
  { track: (eventName, value) => OpenFeature.getClient().track(eventName, { value }) },
);

/** What the drivers of OpenFeature's providers for the web have in common. */
import { OpenFeature } from '@openfeature/web-sdk';
import { serve } from './page.js';

const METHODS = {
  boolean: 'getBooleanValue',
  string: 'getStringValue',
  number: 'getNumberValue',
  json: 'getObjectValue',
};

const contextOf = ({ key, name, custom }) => ({ targetingKey: key, name, ...custom });

/** @param providerFor what makes the provider, with the context that it starts with. */
export function serveProvider(providerFor, others = {}) {
  serve({
    async start(where, who) {
      await OpenFeature.setContext(contextOf(who));
      await OpenFeature.setProviderAndWait(providerFor(where, contextOf(who)));
    },
    identify: (who) => OpenFeature.setContext(contextOf(who)),
    evaluate: (flag, type, fallback) => OpenFeature.getClient()[METHODS[type]](flag, fallback),
    // A provider has no flush: what waits goes by its time.
    flush: () => undefined,
    close: () => OpenFeature.close(),
    ...others,
  });
}

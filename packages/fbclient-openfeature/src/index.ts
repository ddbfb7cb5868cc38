/** fbclient-openfeature: the whole public API. */

export { FBProvider, type FBProviderOptions, type ProvidedClient } from './provider.js';

/** What runs in the page: FeatBit's SDKs for JavaScript and React, and OpenFeature's provider, as they are published. */
import { DataSyncModeEnum, FbClientBuilder, UserBuilder } from '@featbit/js-client-sdk';
import { asyncWithFbProvider, useFlags } from '@featbit/react-client-sdk';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

export interface Who {
  readonly key: string;
  readonly country?: string;
}

export interface Where {
  readonly url: string;
  readonly secret: string;
}

const userOf = ({ key, country }: Who) => {
  const builder = new UserBuilder(key).name(key);
  return (country === undefined ? builder : builder.custom('country', country)).build();
};

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** FeatBit's SDK for JavaScript, and the names of the flags that it has reported as changed. */
async function startClient({ url, secret }: Where, who: Who, polling: boolean) {
  const client = new FbClientBuilder({ webSocketPingInterval: 2_000 })
    .sdkKey(secret)
    .streamingUri(url.replace('http', 'ws'))
    .pollingUri(url)
    .eventsUri(url)
    .dataSyncMode(polling ? DataSyncModeEnum.POLLING : DataSyncModeEnum.STREAMING)
    .pollingInterval(300)
    .flushInterval(200)
    .user(userOf(who))
    .logger(quiet)
    .build();
  await client.waitForInitialization();
  return {
    bool: (key: string) => client.boolVariation(key, false),
    text: (key: string) => client.stringVariation(key, 'the default'),
    number: (key: string) => client.numberVariation(key, -1),
    json: (key: string) => client.jsonVariation(key, null),
    identify: (other: Who) => client.identify(userOf(other)),
    track: (name: string, value: number) => client.track(name, value),
    flush: () => client.flush(),
    close: () => client.close(),
  };
}

/** FeatBit's SDK for React: a page that shows one flag. */
async function renderReact({ url, secret }: Where, who: Who) {
  const Provider = await asyncWithFbProvider({
    options: {
      sdkKey: secret,
      streamingUri: url.replace('http', 'ws'),
      eventsUri: url,
      user: userOf(who),
      logger: quiet,
    },
  });
  const Colour = () => createElement('p', { id: 'colour' }, String(useFlags().colour));
  const place = document.body.appendChild(document.createElement('div'));
  createRoot(place).render(createElement(Provider, null, createElement(Colour)));
}

/** OpenFeature's provider for the remote evaluation protocol. */
async function startProvider({ url, secret }: Where, who: Who) {
  const provider = new OFREPWebProvider({
    baseUrl: url,
    headers: [['Authorization', `Bearer ${secret}`]],
    cacheMode: 'disabled',
  });
  const changed: string[] = [];
  OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, (event) =>
    changed.push(...((event?.flagsChanged ?? []) as string[])),
  );
  const contextOf = ({ key, ...attributes }: Who) => ({ targetingKey: key, ...attributes });
  await OpenFeature.setContext(contextOf(who));
  await OpenFeature.setProviderAndWait(provider);
  const client = OpenFeature.getClient();
  return {
    bool: (key: string) => client.getBooleanDetails(key, false),
    text: (key: string) => client.getStringDetails(key, 'the default'),
    number: (key: string) => client.getNumberDetails(key, -1),
    json: (key: string) => client.getObjectDetails(key, {}),
    identify: (other: Who) => OpenFeature.setContext(contextOf(other)),
    changed: () => changed,
    close: () => OpenFeature.close(),
  };
}

const page = { startClient, renderReact, startProvider };

declare global {
  interface Window {
    page: typeof page;
    client: Awaited<ReturnType<typeof startClient>>;
    provider: Awaited<ReturnType<typeof startProvider>>;
  }
}
window.page = page;

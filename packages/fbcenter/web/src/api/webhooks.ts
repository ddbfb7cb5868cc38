import { useQuery } from '@tanstack/react-query';
import type {
  DeliveryBody,
  DeliveryListBody,
  NewWebhookBody,
  WebhookBody,
  WebhookListBody,
} from '../../../src/api/webhooks.js';
import { keys } from './keys.js';
import { isFollowed } from './live.js';
import { every } from './queries.js';
import { callInside } from './session.js';

/** What comes of messages is reported by the center that sends them; of what another one sends it is asked, in milliseconds. */
const INTERVAL = { followed: 10_000, otherwise: 3_000 };
/** A receiver has 15 seconds to answer; what comes of it is to be heard from the center, in milliseconds. */
const TEST_PATIENCE = 30_000;
/** Messages that are listed: as many as are kept. */
const MOST_DELIVERIES = 100;

const path = (id: string, rest = '') => `/webhooks/${encodeURIComponent(id)}${rest}`;
const interval = (environment: string) => (query: { readonly state: { readonly error: Error | null } }) =>
  every(isFollowed(environment) ? INTERVAL.followed : INTERVAL.otherwise)(query);

/** The webhooks of an environment, without their secrets. */
export function useWebhooks(environment: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.webhooks(environment),
    queryFn: async ({ signal }) =>
      (await callInside<WebhookListBody>(environment, 'GET', '/webhooks', { signal })).data.items,
    refetchInterval: interval(environment),
    enabled,
  });
}

/** The last messages of a webhook, the newest first. */
export function useDeliveries(environment: string, id: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.webhooks(environment), id],
    queryFn: async ({ signal }) => {
      const address = path(id, `/deliveries?limit=${MOST_DELIVERIES}`);
      return (await callInside<DeliveryListBody>(environment, 'GET', address, { signal })).data.items;
    },
    refetchInterval: interval(environment),
    enabled,
  });
}

/** What people say of a webhook. */
export type WebhookFields = Pick<WebhookBody, 'name' | 'url' | 'events'>;

/** The calls that change something. */
export const webhookCalls = {
  /** The answer has the secret. */
  create: async (environment: string, webhook: WebhookFields) =>
    (await callInside<NewWebhookBody>(environment, 'POST', '/webhooks', { body: webhook })).data,
  change: async (environment: string, id: string, change: Partial<WebhookFields & Pick<WebhookBody, 'isEnabled'>>) =>
    (await callInside<WebhookBody>(environment, 'PUT', path(id), { body: change })).data,
  remove: async (environment: string, id: string) => {
    await callInside(environment, 'DELETE', path(id));
  },
  /** The answer has the new secret. */
  renewSecret: async (environment: string, id: string) =>
    (await callInside<NewWebhookBody>(environment, 'POST', path(id, '/secret'))).data,
  test: async (environment: string, id: string) =>
    (await callInside<DeliveryBody>(environment, 'POST', path(id, '/test'), { patience: TEST_PATIENCE })).data,
  retry: async (environment: string, id: string, delivery: string) =>
    (await callInside<DeliveryBody>(environment, 'POST', path(id, `/deliveries/${delivery}/retry`))).data,
};

import { useQuery } from '@tanstack/react-query';
import type { NewTriggerBody, TriggerBody, TriggerListBody } from '../../../src/api/triggers.js';
import type { TriggerAction } from '../../../src/model/trigger.js';
import { keys } from './keys.js';
import { isFollowed } from './live.js';
import { every } from './queries.js';
import { callInside } from './session.js';

/** Uses are reported by the center that was called; of another one's it is asked, in milliseconds. */
const INTERVAL = { followed: 10_000, otherwise: 3_000 };

const path = (flag: string, rest = '') => `/flags/${encodeURIComponent(flag)}/triggers${rest}`;
const onePath = (flag: string, id: string, rest = '') => path(flag, `/${encodeURIComponent(id)}${rest}`);

/** The triggers of a flag, without their tokens. */
export function useTriggers(environment: string, flag: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.triggers(environment, flag),
    queryFn: async ({ signal }) =>
      (await callInside<TriggerListBody>(environment, 'GET', path(flag), { signal })).data.items,
    refetchInterval: (query) => every(isFollowed(environment) ? INTERVAL.followed : INTERVAL.otherwise)(query),
    enabled,
  });
}

/** The calls that change something. */
export const triggerCalls = {
  /** The answer has the path to post to. */
  create: async (
    environment: string,
    flag: string,
    trigger: { readonly name: string; readonly action: TriggerAction },
  ) => (await callInside<NewTriggerBody>(environment, 'POST', path(flag), { body: trigger })).data,
  change: async (
    environment: string,
    flag: string,
    id: string,
    change: Partial<Pick<TriggerBody, 'name' | 'isEnabled'>>,
  ) => (await callInside<TriggerBody>(environment, 'PUT', onePath(flag, id), { body: change })).data,
  /** The answer has the new path; the one before counts no more. */
  renew: async (environment: string, flag: string, id: string) =>
    (await callInside<NewTriggerBody>(environment, 'POST', onePath(flag, id, '/token'))).data,
  remove: async (environment: string, flag: string, id: string) => {
    await callInside(environment, 'DELETE', onePath(flag, id));
  },
};

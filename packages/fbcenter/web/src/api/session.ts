import { useSyncExternalStore } from 'react';
import { type Calls, createCalls } from './calls.js';
import { type CallOptions, type Credentials, openStream, request, type Versioned } from './http.js';

/** The access token lives as long as the tab: closing it forgets it. */
const STORE = 'fbcenter.token';

let credentials: Credentials = { token: sessionStorage.getItem(STORE) ?? undefined };
const listeners = new Set<() => void>();

export const calls: Calls = createCalls(() => credentials);

/** Makes a call within an environment. */
export function callInside<T>(
  environment: string,
  method: string,
  path: string,
  options?: CallOptions,
): Promise<Versioned<T>> {
  return request<T>(credentials, method, `/environments/${encodeURIComponent(environment)}${path}`, options);
}

/** Reads a text within an environment. */
export async function textInside(environment: string, path: string): Promise<string> {
  const address = `/environments/${encodeURIComponent(environment)}${path}`;
  return new Response(await openStream(credentials, address, AbortSignal.timeout(15_000))).text();
}

/** Opens the stream of an environment's changes. */
export function openEvents(environment: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  return openStream(credentials, `/environments/${encodeURIComponent(environment)}/events`, signal);
}

function isSignedIn(): boolean {
  return credentials.token !== undefined;
}

/** Tries a token; keeps it when the server takes it, and throws the server's failure otherwise. */
export async function signIn(token: string): Promise<void> {
  await createCalls(() => ({ token })).environments(new AbortController().signal);
  sessionStorage.setItem(STORE, token);
  replace({ token });
}

export function signOut(): void {
  sessionStorage.removeItem(STORE);
  replace({ token: undefined });
}

export function useSignedIn(): boolean {
  return useSyncExternalStore(subscribe, isSignedIn);
}

function replace(next: Credentials): void {
  credentials = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

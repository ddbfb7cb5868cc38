import { useSyncExternalStore } from 'react';
import { type Calls, createCalls } from './calls.js';
import { type CallOptions, type Credentials, openStream, request, type Versioned } from './http.js';

/** An access token lives as long as the tab: closing it forgets it. A session is the browser's: no script gets to see its cookie. */
const STORE = 'fbcenter.token';

let credentials: Credentials = { token: sessionStorage.getItem(STORE) ?? undefined };
let isIn = credentials.token !== undefined;
const listeners = new Set<() => void>();

export const credentialsNow = (): Credentials => credentials;
export const calls: Calls = createCalls(credentialsNow);

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

/** Tries a token; keeps it when the server takes it, and throws the server's failure otherwise. */
export async function signInWithToken(token: string): Promise<void> {
  await createCalls(() => ({ token })).environments(new AbortController().signal);
  sessionStorage.setItem(STORE, token);
  enter({ token });
}

export async function signInWithPassword(name: string, password: string): Promise<void> {
  // Without a token of before: who says who it is by two means is known by the token.
  await createCalls(() => ({ token: undefined })).signIn(name, password);
  enter();
}

/** Shows what is for those who are signed in. It stays in sight when the session ends by itself, so that nothing that was typed is lost. */
export function enter(next: Credentials = { token: undefined }): void {
  if (next.token === undefined) sessionStorage.removeItem(STORE);
  credentials = next;
  change(true);
}

/**
 * Ends the session, or forgets the token.
 *
 * @param forget forgets what was loaded, before the page for signing in is drawn: it would find there who was signed in.
 * @returns where the identity provider ends its own session.
 */
export async function signOut(forget: () => void): Promise<string | null> {
  const isSession = credentials.token === undefined;
  // Should the server not be there, its cookie is all that is left, and the next one at this screen would be signed in: say so.
  const continueAt = isSession ? (await calls.signOut()).data.continueAt : null;
  sessionStorage.removeItem(STORE);
  credentials = { token: undefined };
  forget();
  change(false);
  return continueAt;
}

export function useSignedIn(): boolean {
  return useSyncExternalStore(subscribe, () => isIn);
}

function change(next: boolean): void {
  isIn = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

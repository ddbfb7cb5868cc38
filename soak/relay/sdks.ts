/** Raw SDKs in a process of their own: connections that come back when they are cut, and that remember what they were told. */
import { encodeConnectionToken } from 'fbclient/core';
import { WebSocket } from 'ws';
import type { FromSdks, ToSdks } from './messages.js';

/** How soon one that was cut comes back, in milliseconds: at random, up to this. */
const COMES_BACK = 1_000;
/** How long a request with insights may take. */
const PATIENCE = 10_000;

const tell = (message: FromSdks) => process.send?.(message);

let settings: Extract<ToSdks, { kind: 'connect' }> | undefined;
let connects = 0;
let stepsBack = 0;
let fulls = 0;
let patches = 0;
let begun = performance.now();
let awaited: { readonly key: string; readonly version: number } | undefined;
let isAwaitingSync = false;
const accepted: string[] = [];
const unanswered: string[] = [];
let refused = 0;
let serial = 0;

interface FlagHead {
  readonly key: string;
  readonly updatedAt: string;
}

/** One SDK: what it holds outlives its connections, as in a process that goes on. */
class Sdk {
  readonly #held = new Map<string, number>();
  /** What came by patches over the connection that is open. */
  readonly #patched = new Map<string, number>();
  isSynced = false;
  isOpen = false;

  versionOf(key: string): number {
    return this.#held.get(key) ?? 0;
  }

  connect(): void {
    if (settings === undefined) return;
    const { url, secret } = settings;
    connects += 1;
    this.#patched.clear();
    const token = encodeConnectionToken(secret, Date.now(), Math.random());
    const socket = new WebSocket(`${url.replace('http', 'ws')}/streaming?type=server&token=${token}`, {
      perMessageDeflate: false,
    });
    socket.on('open', () => {
      this.isOpen = true;
      const timestamp = Math.max(0, ...this.#held.values());
      socket.send(JSON.stringify({ messageType: 'data-sync', data: { timestamp } }));
    });
    socket.on('message', (text) => {
      const { messageType, data } = JSON.parse(String(text));
      if (messageType === 'data-sync') this.#take(data.eventType === 'full', data.featureFlags);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isOpen = false;
      this.isSynced = false;
      setTimeout(() => this.connect(), Math.random() * COMES_BACK);
    });
  }

  #take(isFull: boolean, flags: readonly FlagHead[]): void {
    if (isFull) {
      fulls += 1;
      const versions = new Map(flags.map(({ key, updatedAt }) => [key, Date.parse(updatedAt)]));
      for (const [key, version] of this.#patched) if ((versions.get(key) ?? 0) < version) stepsBack += 1;
      this.#held.clear();
    } else patches += 1;
    for (const { key, updatedAt } of flags) {
      const version = Date.parse(updatedAt);
      if (version <= this.versionOf(key)) continue;
      this.#held.set(key, version);
      if (!isFull) this.#patched.set(key, version);
    }
    this.isSynced = true;
    look();
  }
}

const sdks: Sdk[] = [];

/** Tells what is waited for once it holds. */
function look(): void {
  if (isAwaitingSync && sdks.every(({ isSynced }) => isSynced)) {
    isAwaitingSync = false;
    tell({ kind: 'synced', milliseconds: performance.now() - begun, fulls, patches });
  }
  const { key, version } = awaited ?? {};
  if (key === undefined || version === undefined) return;
  if (!sdks.every((sdk) => sdk.versionOf(key) >= version)) return;
  awaited = undefined;
  tell({ kind: 'reached', version, at: Date.now() });
}

/** Each has a name of its own, by which the center counts it. */
async function track(name: string): Promise<void> {
  if (settings === undefined) return;
  const metric = {
    eventName: name,
    numericValue: 1,
    route: 'index/metric',
    type: 'CustomEvent',
    appType: 'soak',
    timestamp: Date.now(),
  };
  const body = JSON.stringify([{ user: { keyId: name, name: '', customizedProperties: [] }, metrics: [metric] }]);
  try {
    const answer = await fetch(`${settings.url}/api/public/insight/track`, {
      method: 'POST',
      headers: { authorization: settings.secret, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(PATIENCE),
    });
    await answer.text();
    if (answer.status === 200) accepted.push(name);
    else refused += 1;
  } catch {
    unanswered.push(name);
  }
}

process.on('message', (message: ToSdks) => {
  switch (message.kind) {
    case 'connect':
      settings = message;
      begun = performance.now();
      for (let index = 0; index < message.connections; index++) sdks.push(new Sdk());
      for (const sdk of sdks) sdk.connect();
      break;
    case 'sync':
      begun = performance.now();
      fulls = 0;
      patches = 0;
      isAwaitingSync = true;
      look();
      break;
    case 'expect':
      awaited = message;
      look();
      break;
    case 'track':
      for (let index = 0; index < message.count; index++) {
        const name = `event-${serial++}`;
        setTimeout(() => void track(name), (message.over * index) / message.count);
      }
      break;
    case 'count':
      tell({
        kind: 'counts',
        stepsBack,
        connects,
        open: sdks.filter(({ isOpen }) => isOpen).length,
        accepted,
        unanswered,
        refused,
      });
      break;
  }
});
process.once('disconnect', () => process.exit());

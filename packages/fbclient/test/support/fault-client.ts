import { onTestFinished, vi } from 'vitest';
import { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import type { Platform } from '../../src/runtime/platform.js';
import { FaultServer, type FaultServerOptions } from './fault-server.js';

/** Times that are short enough for tests on the loopback, and long enough for a busy machine. */
const QUICK: Options = {
  streamingConnectTimeout: 1_000,
  streamingFirstRetryDelay: 10,
  streamingMaxRetryDelay: 50,
  streamingPingInterval: 100,
  pollingInterval: 20,
  pollingRequestTimeout: 1_000,
  eventsFlushInterval: 10,
  eventsMaxRetries: 2,
  eventsRetryInterval: 5,
  eventsRequestTimeout: 1_000,
  closeTimeout: 2_000,
  // Not the machine's own, which the tests know nothing of.
  proxy: false,
};

/** A server for the running test. */
export async function faultServer(options?: FaultServerOptions): Promise<FaultServer> {
  const server = await FaultServer.start(options);
  onTestFinished(() => server.close());
  return server;
}

/** A client for the running test, quick to notice and to try again. */
export function faultClient(options: Options, platform?: Platform): FBClient {
  const client = new FBClient({ ...QUICK, ...options }, platform);
  onTestFinished(() => client.close());
  return client;
}

/** Waits until an expectation holds. */
export function eventually<T>(expectation: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(expectation, { timeout: 10_000, interval: 5 });
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Options } from '../../src/options.js';
import { startChild } from '../support/fault-child.js';
import { faultServer } from '../support/fault-client.js';
import { temporaryFolder } from '../support/fault-folder.js';
import { ConnectProxy } from '../support/fault-proxy.js';
import type { FaultServer } from '../support/fault-server.js';
import { full, wireFlag } from '../support/wire.js';
import type { ExitInput } from './exit.child.js';

const ENVELOPE = JSON.stringify(full([wireFlag('f')]));

describe('promise 3: after close() the process exits by itself', () => {
  /** From the end of close() to the end of the process, in milliseconds; a time-out of anything would take longer. */
  const AT_ONCE = 5_000;

  interface Scene {
    readonly input: (
      server: FaultServer,
      folder: string,
    ) => Omit<ExitInput, 'options'> & { readonly options?: Options };
    readonly before?: (server: FaultServer) => Promise<void> | void;
    readonly output: string;
  }
  const SCENES: Readonly<Record<string, Scene>> = {
    streaming: { input: () => ({}), output: 'ready on, closed' },
    polling: {
      input: ({ httpUrl }) => ({ options: { dataSyncMode: 'polling', pollingUrl: httpUrl } }),
      output: 'ready on, closed',
    },
    'a file': {
      input: (_server, folder) => {
        const file = join(folder, 'flags.json');
        writeFileSync(file, ENVELOPE);
        return { file };
      },
      output: 'ready on, closed',
    },
    'a source of its own': { input: () => ({ envelope: ENVELOPE }), output: 'ready on, closed' },
    offline: { input: () => ({ options: { offline: true, bootstrap: ENVELOPE } }), output: 'ready on, closed' },
    'streaming with persistence': { input: (_server, folder) => ({ directory: folder }), output: 'ready on, closed' },
    'streaming during an outage': {
      before: (server) => server.down(),
      input: () => ({}),
      output: 'timeout none, closed',
    },
    'streaming through a proxy that never answers': {
      input: () => ({}),
      output: 'timeout none, closed',
    },
  };

  it.each(Object.entries(SCENES))('%s', async (name, { input, before, output }) => {
    const server = await faultServer();
    server.data.put(wireFlag('f'));
    await before?.(server);
    const proxy = await ConnectProxy.start();
    onTestFinished(() => proxy.close());
    proxy.silent = true;
    const throughProxy = name.includes('proxy') ? `http://127.0.0.1:${proxy.port}` : false;
    const { options, ...rest } = input(server, temporaryFolder());
    const child = await startChild('promises/exit.child.ts', {
      options: { ...server.options, startWait: 300, closeTimeout: 300, proxy: throughProxy, ...options },
      ...rest,
    } satisfies ExitInput).ended;
    expect(child).toMatchObject({ stdout: `${output}\n`, stderr: '', code: 0, signal: null });
    expect(child.lingered).toBeLessThan(AT_ONCE);
  });
});

import { ensureRedis, RedisServer } from '../redis-server.js';
import type { Consumer } from './consumers.js';
import type { Stage } from './stage.js';

const node = process.execPath;

/** ES modules, CommonJS, and CommonJS where nothing can require an ES module, as in Node.js before 20.19. */
function asModules(esm: string, cjs: string, environment: Readonly<Record<string, string>> = {}): Consumer['scenes'] {
  const play = (args: readonly string[]) => (stage: Stage) => stage.play(node, args, true, {}, environment);
  return {
    'ES module': play([esm]),
    CommonJS: play([cjs]),
    'CommonJS alone': play(['--no-experimental-require-module', cjs]),
  };
}

const OPENTELEMETRY_2 = {
  '@opentelemetry/sdk-logs': '0.223.1',
  '@opentelemetry/sdk-metrics': '2.12.1',
  '@opentelemetry/api-logs': '0.223.1',
  '@opentelemetry/api': '1.9.1',
};
const OPENTELEMETRY_3 = {
  '@opentelemetry/sdk-logs': '3.1.1',
  '@opentelemetry/sdk-metrics': '3.1.1',
  '@opentelemetry/api': '1.10.0',
};

/** With what stands beside the SDK in an application. */
export const STACK: readonly Consumer[] = [
  {
    name: 'openfeature',
    title: "OpenFeature's server SDK",
    packages: { '@openfeature/server-sdk': '1.23.0', '@openfeature/core': '1.12.0' },
    ours: ['fbclient-openfeature'],
    apps: ['program', 'openfeature'],
    scenes: asModules('openfeature.mjs', 'openfeature.cjs'),
    remark: '[`fbclient-openfeature`](openfeature.md)',
  },
  {
    name: 'opentelemetry-2',
    title: "OpenTelemetry's SDK 2, logs",
    packages: OPENTELEMETRY_2,
    ours: ['fbclient-otel'],
    apps: ['program', 'opentelemetry', 'opentelemetry-2'],
    scenes: asModules('sdk-2.mjs', 'sdk-2-main.cjs'),
    remark: '[`fbclient-otel`](opentelemetry.md), with `loggerProvider`',
  },
  {
    name: 'opentelemetry-3',
    title: "OpenTelemetry's SDK 3",
    packages: OPENTELEMETRY_3,
    ours: ['fbclient-otel'],
    apps: ['program', 'opentelemetry'],
    scenes: asModules('sdk-3.mjs', 'sdk-3-main.cjs'),
    remark: '[`fbclient-otel`](opentelemetry.md)',
  },
  {
    name: 'redis',
    title: 'A real Redis, node-redis',
    packages: { redis: '6.3.1' },
    apps: ['program', 'redis'],
    scenes: {
      'flags for the next start': async (stage) => {
        ensureRedis();
        await using server = await RedisServer.onFreePort();
        await server.start();
        for (const scene of Object.values(
          asModules('redis.mjs', 'redis.cjs', { REDIS_URL: `redis://127.0.0.1:${server.port}` }),
        )) {
          await scene(stage);
        }
      },
    },
    remark: '[`fbclient/redis`](synchronization.md); other clients and a Redis in trouble: `npm run check:redis`',
  },
];

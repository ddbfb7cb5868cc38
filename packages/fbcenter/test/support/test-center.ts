import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { type Center, type CenterInternals, startCenterWith } from '../../src/center.js';
import type { Environment } from '../../src/model/environment.js';
import { type CenterOptions, resolveOptions } from '../../src/options.js';
import { systemClock } from '../../src/runtime/clock.js';
import { aStorage } from './a-storage.js';
import { undocumented } from './answer-check.js';

/** A center on a free port, in memory, with what tests need to talk to it. */
export interface TestCenter {
  readonly center: Center;
  readonly environment: Environment;
  /** Calls the management API of the first environment; the path begins after it. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  /** Calls any path without credentials of its own. Whatever is answered must be in the OpenAPI document. */
  call(method: string, path: string, init?: RequestInit): Promise<ApiAnswer>;
}

interface ApiAnswer {
  readonly status: number;
  /** The parsed body, or `undefined` when it is empty. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any;
  readonly text: string;
  readonly headers: Headers;
}

/** Starts a center for one test. */
export async function startTestCenter(
  options: CenterOptions = {},
  internals: CenterInternals = {},
): Promise<TestCenter> {
  const center = await start(options, internals);
  onTestFinished(() => center.close());
  return testCenter(center);
}

/** Starts a center for all tests of a `describe` that leave it as it is; call the result in a test. */
export function sharedCenter(options: CenterOptions = {}): () => TestCenter {
  let center: Center | undefined;
  beforeAll(async () => {
    center = await start(options, {});
  });
  afterAll(() => center?.close());
  return () => {
    if (center === undefined) throw new Error('called outside of a test');
    return testCenter(center);
  };
}

/** In memory, or on the database that the tests were given; in a folder when the test says so. */
async function start(options: CenterOptions, internals: CenterInternals): Promise<Center> {
  const isElsewhere = options.dataFolder !== undefined || options.database !== undefined;
  const { clock = systemClock } = internals;
  const storage = internals.storage ?? (isElsewhere ? undefined : await aStorage({ clock }));
  return startCenterWith(resolveOptions({ port: 0, ...options }), {
    ...internals,
    ...(storage === undefined ? {} : { storage }),
  });
}

function testCenter(center: Center): TestCenter {
  const [environment] = center.environments;
  if (environment === undefined) throw new Error('a center without environments');
  const call: TestCenter['call'] = async (method, path, init) => {
    const response = await fetch(center.url + path, { ...init, method });
    const text = await response.text();
    const type = response.headers.get('content-type');
    const body =
      text === '' || (type !== null && !/^application\/(?:problem\+)?json/.test(type)) ? undefined : JSON.parse(text);
    const sent = typeof init?.body === 'string' ? parsed(init.body) : undefined;
    const problems = undocumented({ method, path, sent, status: response.status, type, text });
    expect(problems, problems.join('\n')).toEqual([]);
    return { status: response.status, text, body, headers: response.headers };
  };
  return {
    center,
    environment,
    call,
    api: (method, path, body, headers) =>
      call(method, `/api/v1/environments/${encodeURIComponent(environment.key)}${path}`, {
        headers: { authorization: `Bearer ${center.adminToken}`, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

/** A body as the center reads it; nothing when it is none. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Puts a document and expects it to be taken. */
export async function put(api: TestCenter['api'], path: string, document: unknown): Promise<void> {
  const { status, text } = await api('PUT', path, document);
  expect(status, text).toBeOneOf([200, 201]);
}

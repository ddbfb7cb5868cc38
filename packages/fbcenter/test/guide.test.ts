import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAccess } from '../src/access/access.js';
import { createHandlers } from '../src/handlers/handlers.js';
import { InsightRecorder } from '../src/insights/recorder.js';
import { UnknownFlags } from '../src/insights/unknown-flags.js';
import { LiveEnvironments } from '../src/live/environments.js';
import { Usages } from '../src/live/usage.js';
import { BuiltPage } from '../src/page/built-page.js';
import { routes } from '../src/routes.js';
import { ByteBudget } from '../src/runtime/byte-budget.js';
import { systemClock } from '../src/runtime/clock.js';
import { silentLogger } from '../src/runtime/log.js';
import { openSqliteStorage } from '../src/storage/sqlite/open.js';
import { ConnectionList } from '../src/streaming/connection-list.js';

const guide = readFileSync(new URL('../../../docs/fbcenter.md', import.meta.url), 'utf8');
const source = (file: string) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');

describe('docs/fbcenter.md', () => {
  it('has every call of the HTTP surface, and no other', () => {
    const storage = openSqliteStorage();
    onTestFinished(() => storage.close());
    const handlers = createHandlers({
      storage,
      live: new LiveEnvironments(storage.changes),
      page: new BuiltPage(),
      access: createAccess({ storage, settingsToken: '', clock: systemClock, log: silentLogger }),
      clock: systemClock,
      identityProvider: undefined,
      connections: { connectionsBy: () => 0, revoke: () => {}, list: new ConnectionList() },
      usages: new Usages(storage.insights, systemClock),
      unknownFlags: new UnknownFlags(systemClock),
      budget: new ByteBudget(),
      recorder: new InsightRecorder(storage.insights),
      onInsights: () => {},
    });
    const calls = routes(handlers).map(({ method, path }) => `${method} ${path}`);
    const written = [...guide.matchAll(/`((?:GET|POST|PUT|DELETE) \/[^`?]*)`/g)].map(([, call]) => call);
    expect([...written].sort()).toEqual([...calls].sort());
  });

  it.each(['model/fault.ts', 'model/refusal.ts'])('has every code of %s', (file) => {
    const [, union = ''] = /export type \w+Code =([^;]*);/.exec(source(file)) ?? [];
    const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, code]) => code ?? '');
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !guide.includes(`\`${code}\``))).toEqual([]);
  });
});

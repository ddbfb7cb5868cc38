import { onTestFinished } from 'vitest';
import type { GrantsBody } from '../../src/api/access.js';
import { type Center, type CenterInternals, startCenterWith } from '../../src/center.js';
import type { AuditDetail } from '../../src/model/audit.js';
import { type CenterOptions, resolveOptions } from '../../src/options.js';
import { systemClock } from '../../src/runtime/clock.js';
import { aStorage } from './a-storage.js';
import { TestBrowser } from './browser.js';

/** Passwords that cost nothing to check. */
export const CHEAP = { N: 2, r: 1, p: 1 };

export const PASSWORD = 'correct horse battery';

/** A center with people, and what is written down of them. */
export interface PeopleCenter {
  readonly center: Center;
  events(): Promise<readonly AuditDetail[]>;
  /** Calls the management API with the access token of the settings. */
  admin(method: string, path: string, body?: unknown): ReturnType<TestBrowser['api']>;
  /** Invites somebody, who follows the link: in a browser of its own. */
  join(name: string, grants: Partial<GrantsBody>): Promise<TestBrowser>;
  /** The id of somebody. */
  idOf(name: string): Promise<string>;
}

export async function startWithPeople(
  options: CenterOptions = {},
  internals: CenterInternals = {},
  end: (stop: () => Promise<void>) => void = onTestFinished,
): Promise<PeopleCenter> {
  const { clock = systemClock } = internals;
  const storage = internals.storage ?? (await aStorage({ clock }));
  const environments = [{ key: 'dev' }, { key: 'prod' }];
  const center = await startCenterWith(resolveOptions({ port: 0, environments, ...options }), {
    passwordCost: CHEAP,
    storage,
    ...internals,
  });
  end(() => center.close());
  const nobody = new TestBrowser();
  const admin: PeopleCenter['admin'] = (method, path, body) =>
    nobody.api(center, method, path, body, { authorization: `Bearer ${center.adminToken}` });
  return {
    center,
    events: async () => {
      const all = await storage.audit.list({ limit: 1_000 });
      const entries = all.filter(({ subject }) => subject.kind === 'user' || subject.kind === 'token');
      const details = await Promise.all(entries.map(({ id }) => storage.audit.get(id)));
      return details
        .flatMap((detail) => (/^(?:user|token)$/.test(detail?.subject.kind ?? '') && detail) || [])
        .reverse();
    },
    admin,
    join: async (name, grants) => {
      const invited = await admin('POST', '/users', { name, ...grants });
      const browser = new TestBrowser();
      const [, link = ''] = String(invited.body.link).split('#');
      const body = { link, password: PASSWORD };
      // As over HTTPS, wherever the settings say that the center is.
      const headers = { 'sec-fetch-site': 'same-origin' };
      const followed = await browser.api(center, 'POST', '/links/follow', body, headers);
      if (followed.status !== 200) throw new Error(JSON.stringify(followed.body));
      return browser;
    },
    idOf: async (name) => {
      const { body } = await admin('GET', '/users');
      return body.items.find((user: { name: string }) => user.name === name)?.id ?? '';
    },
  };
}

import { describe, expect, it } from 'vitest';
import { SESSION_TIMES } from '../src/access/session-times.js';
import { aStorage } from './support/a-storage.js';
import { TestBrowser } from './support/browser.js';
import { eventually } from './support/eventually.js';
import { FakeClock } from './support/fake-clock.js';
import { PASSWORD, type PeopleCenter, startWithPeople } from './support/people.js';

const NEXT = 'another horse, another battery';

/** What a session is good for at the moment. */
const statusOf = async ({ center }: PeopleCenter, browser: TestBrowser) =>
  (await browser.api(center, 'GET', '/environments')).status;

const signIn = async ({ center }: PeopleCenter, name: string, password: string, browser = new TestBrowser()) => {
  const answer = await browser.api(center, 'POST', '/session', { name, password });
  return { ...answer, browser };
};

describe('a session', () => {
  it('has a cookie that no script sees, that goes to this center only and comes with nothing from elsewhere', async () => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'viewer' });
    const port = new URL(people.center.url).port;
    const pattern = `^fbcenter-${port}=[\\w-]{43}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict$`;
    expect(ada.setCookies).toEqual([expect.stringMatching(new RegExp(pattern))]);
  });

  it.each([
    ['a proxy says that the browser came by HTTPS', {}, { 'x-forwarded-proto': 'https' }],
    ['the settings say so', { publicUrl: 'https://flags.example.org' }, { 'sec-fetch-site': 'same-origin' }],
  ])('has a cookie for HTTPS and this very host only when %s', async (_, options, headers) => {
    const people = await startWithPeople(options);
    await people.join('ada', { role: 'viewer' });
    const browser = new TestBrowser();
    const { status } = await browser.api(
      people.center,
      'POST',
      '/session',
      { name: 'ada', password: PASSWORD },
      { 'sec-fetch-site': 'same-origin', ...headers },
    );
    expect(status).toBe(200);
    expect(browser.setCookies.at(-1)).toMatch(
      /^__Host-fbcenter=[\w-]{43}; Path=\/; .*; HttpOnly; SameSite=Strict; Secure$/,
    );
  });

  it('is not fixed beforehand: what a browser had is not what it has after signing in', async () => {
    const people = await startWithPeople();
    await people.join('ada', { role: 'viewer' });
    const { port } = new URL(people.center.url);
    const planted = new Map([[`fbcenter-${port}`, 'x'.repeat(43)]]);
    const browser = new TestBrowser();
    browser.steal(people.center, planted);
    await signIn(people, 'ada', PASSWORD, browser);
    const attacker = new TestBrowser();
    attacker.steal(people.center, planted);
    expect([await statusOf(people, browser), await statusOf(people, attacker)]).toEqual([200, 401]);
    expect(browser.cookies(people.center)).not.toEqual(planted);
  });

  it('ends when one signs out: the cookie is gone, and a copy of it is worth nothing', async () => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'viewer' });
    const thief = new TestBrowser();
    thief.steal(people.center, ada.cookies(people.center));
    expect(await statusOf(people, thief)).toBe(200);
    expect((await ada.api(people.center, 'DELETE', '/session')).status).toBe(200);
    expect(ada.cookies(people.center).size).toBe(0);
    expect(await statusOf(people, thief)).toBe(401);
  });

  it.each([
    ['half a day without a request', [SESSION_TIMES.idle], [401]],
    ['half a day after the last request, not the first', [SESSION_TIMES.idle - 1, SESSION_TIMES.idle - 1], [200, 200]],
    ['a week, however much it is used', Array.from({ length: 15 }, () => SESSION_TIMES.absolute / 15), undefined],
  ])('ends after %s', async (_, steps, statuses) => {
    const clock = new FakeClock();
    const storage = await aStorage({ clock });
    const people = await startWithPeople({}, { clock, storage });
    const ada = await people.join('ada', { role: 'viewer' });
    const id = await people.idOf('ada');
    const seen: number[] = [];
    for (const step of steps) {
      clock.time += step;
      const status = await statusOf(people, ada);
      seen.push(status);
      // A use is noted after its answer.
      if (status === 200)
        await eventually(async () => (await storage.sessions.ofUser(id))[0]?.lastUsedAt).toBe(clock.time);
    }
    expect(seen).toEqual(statuses ?? [...Array.from({ length: 14 }, () => 200), 401]);
  });

  it('of others ends by the user, from a list that shows no credential', async () => {
    const people = await startWithPeople();
    const { center } = people;
    const ada = await people.join('ada', { role: 'viewer' });
    const { browser: phone } = await signIn(people, 'ada', PASSWORD);
    const { body } = await ada.api(center, 'GET', '/sessions');
    expect(body.items.map(({ isThis }: { isThis: boolean }) => isThis)).toEqual([false, true]);
    for (const value of [...ada.cookies(center).values(), ...phone.cookies(center).values()]) {
      expect(JSON.stringify(body)).not.toContain(value);
    }
    expect((await ada.api(center, 'DELETE', `/sessions/${body.items[0].id}`)).status).toBe(204);
    expect([await statusOf(people, ada), await statusOf(people, phone)]).toEqual([200, 401]);
  });

  it("of somebody else is nobody's to end or to see, but an admin's", async () => {
    const people = await startWithPeople();
    const { center } = people;
    const ada = await people.join('ada', { role: 'editor' });
    const bob = await people.join('bob', { role: 'editor' });
    const { id } = (await ada.api(center, 'GET', '/sessions')).body.items[0];
    expect((await bob.api(center, 'DELETE', `/sessions/${id}`)).status).toBe(404);
    const path = `/users/${await people.idOf('ada')}/sessions`;
    expect((await bob.api(center, 'GET', path)).status).toBe(403);
    expect((await people.admin('GET', path)).body.items).toMatchObject([{ id, isThis: false }]);
    expect((await people.admin('DELETE', path)).status).toBe(204);
    expect(await statusOf(people, ada)).toBe(401);
  });

  it('is one of twenty at most: the oldest gives way', async () => {
    const people = await startWithPeople();
    const first = await people.join('ada', { role: 'viewer' });
    const browsers: TestBrowser[] = [];
    for (let index = 0; index < 20; index++) browsers.push((await signIn(people, 'ada', PASSWORD)).browser);
    expect(await statusOf(people, first)).toBe(401);
    expect(await Promise.all(browsers.map((browser) => statusOf(people, browser)))).toEqual(Array(20).fill(200));
  });

  it('does not count beside an Authorization that is wrong', async () => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'viewer' });
    for (const authorization of ['Bearer wrong-wrong-wrong-wrong', 'nonsense', '']) {
      const { status } = await ada.api(people.center, 'GET', '/environments', undefined, { authorization });
      expect(status, authorization).toBe(401);
    }
  });
});

describe('everything that a user has', () => {
  const ends: readonly (readonly [string, (people: PeopleCenter, ada: TestBrowser) => Promise<unknown>])[] = [
    [
      'the password is changed',
      ({ center }, ada) => ada.api(center, 'PUT', '/session/password', { current: PASSWORD, next: NEXT }),
    ],
    [
      'the user is disabled',
      async ({ admin, idOf }) => admin('PUT', `/users/${await idOf('ada')}`, { isDisabled: true }),
    ],
    ['the user is removed', async ({ admin, idOf }) => admin('DELETE', `/users/${await idOf('ada')}`)],
    [
      'the password is set by a link',
      async ({ admin, idOf, center }) => {
        const { body } = await admin('POST', `/users/${await idOf('ada')}/link`);
        return new TestBrowser().api(center, 'POST', '/links/follow', {
          link: body.link.split('#')[1],
          password: NEXT,
        });
      },
    ],
    ['an admin ends the sessions', async ({ admin, idOf }) => admin('DELETE', `/users/${await idOf('ada')}/sessions`)],
  ];

  it.each(ends)('ends at once, open streams included, when %s', async (_, end) => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'viewer' });
    const { browser: phone } = await signIn(people, 'ada', PASSWORD);
    const bob = await people.join('bob', { role: 'viewer' });
    const [streamed, others] = await Promise.all([openStream(people, phone), openStream(people, bob)]);
    await end(people, ada);
    await streamed.ended;
    expect(await statusOf(people, phone)).toBe(401);
    expect([others.isOpen(), await statusOf(people, bob)]).toEqual([true, 200]);
    await others.leave();
  });

  it('goes on in the browser that changed the password, under a new code', async () => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'viewer' });
    const before = new Map(ada.cookies(people.center));
    const change = (current: string, next: string) =>
      ada.api(people.center, 'PUT', '/session/password', { current, next });
    expect((await change('wrong wrong wrong', NEXT)).status).toBe(400);
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    expect(await statusOf(people, ada)).toBe(200);
    expect((await change(PASSWORD, NEXT)).status).toBe(200);
    expect(await statusOf(people, ada)).toBe(200);
    expect(ada.cookies(people.center)).not.toEqual(before);
    expect((await signIn(people, 'ada', PASSWORD)).status).toBe(401);
    expect((await signIn(people, 'ada', NEXT)).status).toBe(200);
  });
});

/** Opens the stream of changes of `dev`. */
async function openStream({ center }: PeopleCenter, browser: TestBrowser, headers: Record<string, string> = {}) {
  const answer = await browser.call(`${center.url}/api/v1/environments/dev/events`, { headers });
  expect(answer.status).toBe(200);
  const reader = answer.body?.getReader();
  let isOpen = true;
  const ended = (async () => {
    for (;;) if ((await reader?.read())?.done !== false) break;
    isOpen = false;
  })();
  return { ended, isOpen: () => isOpen, leave: () => reader?.cancel() };
}

describe('a role', () => {
  it('that is lowered counts at the next request, and ends the streams that it does not allow', async () => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'editor' });
    const id = await people.idOf('ada');
    const stream = await openStream(people, ada);
    const write = () => ada.api(people.center, 'PUT', '/environments/dev/segments/s', { included: [] });
    expect((await write()).status).toBe(201);
    await people.admin('PUT', `/users/${id}`, { role: 'viewer' });
    expect([(await write()).status, stream.isOpen()]).toEqual([403, true]);
    await people.admin('PUT', `/users/${id}`, { environments: { prod: 'admin' } });
    await stream.ended;
    expect((await ada.api(people.center, 'GET', '/environments/dev/flags')).status).toBe(404);
    expect((await ada.api(people.center, 'GET', '/environments/prod/flags')).status).toBe(200);
  });

  it("is nobody's own to raise", async () => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'editor', environments: { dev: 'admin' } });
    const id = await people.idOf('ada');
    for (const [method, path, body] of [
      ['PUT', `/users/${id}`, { role: 'admin' }],
      ['POST', '/users', { name: 'mallory', role: 'admin' }],
      ['POST', `/users/${id}/link`, undefined],
      ['POST', '/tokens', { name: 'mine', role: 'admin' }],
      ['POST', '/links/first', undefined],
      ['POST', '/environments', { key: 'mine' }],
    ] as const) {
      expect((await ada.api(people.center, method, path, body)).status, `${method} ${path}`).toBe(403);
    }
  });

  it('of the last admin who can sign in stays, and so does that admin', async () => {
    const people = await startWithPeople();
    await people.join('ada', { role: 'admin' });
    const id = await people.idOf('ada');
    const attempts = () =>
      Promise.all([
        people.admin('PUT', `/users/${id}`, { role: 'viewer' }),
        people.admin('PUT', `/users/${id}`, { isDisabled: true }),
        people.admin('DELETE', `/users/${id}`),
      ]);
    for (const { status, body } of await attempts()) expect([status, body.code]).toEqual([409, 'last-admin']);
    // One who was invited and has not come yet does not help.
    await people.admin('POST', '/users', { name: 'bob', role: 'admin' });
    for (const { status } of await attempts()) expect(status).toBe(409);
    await people.join('cyd', { role: 'admin' });
    expect((await people.admin('DELETE', `/users/${id}`)).status).toBe(204);
  });

  it.each([
    [{}],
    [{ role: 'owner' }],
    [{ role: null }],
    [{ role: 'viewer', environments: { nowhere: 'editor' } }],
    [{ role: 'viewer', environments: { dev: 'owner' } }],
    [{ role: 'viewer', environments: [] }],
    [{ environments: JSON.parse('{"__proto__": "admin"}') }],
    [{ environments: { constructor: 'admin' } }],
  ])('is given as %j to nobody', async (grants) => {
    const { admin } = await startWithPeople();
    expect((await admin('POST', '/users', { name: 'ada', ...grants })).status).toBe(400);
    expect((await admin('POST', '/tokens', { name: 'ci', ...grants })).status).toBe(400);
  });
});

describe('a change that another site sends', () => {
  it.each([
    ['no header that says where from', {}, 403],
    ['its own page as origin', { origin: 'OWN' }, 200],
    ['its own page by fetch metadata', { 'sec-fetch-site': 'same-origin' }, 200],
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['no origin that can be told', { origin: 'null' }, 403],
    ['another port of the machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['its origin with something behind it', { origin: 'OWN.evil.example' }, 403],
    ['the metadata of another site, whatever the origin says', { origin: 'OWN', 'sec-fetch-site': 'cross-site' }, 403],
    ['the metadata of a neighbour', { origin: 'OWN', 'sec-fetch-site': 'same-site' }, 403],
    ['an address that was typed', { 'sec-fetch-site': 'none' }, 403],
  ])('with a cookie and %s is answered %s', async (_, headers, status) => {
    const people = await startWithPeople();
    const { url } = people.center;
    const ada = await people.join('ada', { role: 'admin' });
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('OWN', url)]));
    const answer = await ada.call(`${url}/api/v1/tokens`, {
      method: 'POST',
      headers: sent,
      body: JSON.stringify({ name: 'ci', role: 'admin' }),
    });
    expect(answer.status).toBe(status === 200 ? 201 : status);
    expect((await people.admin('GET', '/tokens')).body.items).toHaveLength(status === 200 ? 2 : 1);
  });

  it('signs nobody in as somebody else', async () => {
    const people = await startWithPeople();
    await people.join('mallory', { role: 'viewer' });
    const victim = new TestBrowser();
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const body = { name: 'mallory', password: PASSWORD };
      expect((await victim.api(people.center, 'POST', '/session', body, headers)).status).toBe(403);
    }
    expect(victim.cookies(people.center).size).toBe(0);
  });

  it('is no matter with an access token: no browser adds one by itself', async () => {
    const { center } = await startWithPeople();
    const headers = { authorization: `Bearer ${center.adminToken}`, origin: 'https://evil.example' };
    const body = { name: 'ci', role: 'viewer' };
    expect((await new TestBrowser().api(center, 'POST', '/tokens', body, headers)).status).toBe(201);
  });
});

describe('signing in', () => {
  it('answers a name that there is not, a wrong password, a disabled and an invited user in the same words', async () => {
    const people = await startWithPeople();
    await people.join('ada', { role: 'viewer' });
    await people.join('bob', { role: 'viewer' });
    await people.admin('PUT', `/users/${await people.idOf('bob')}`, { isDisabled: true });
    await people.admin('POST', '/users', { name: 'cyd', role: 'viewer' });
    const answers = [];
    for (const [name, password] of [
      ['nobody', PASSWORD],
      ['ada', NEXT],
      ['bob', PASSWORD],
      ['cyd', PASSWORD],
      ['cyd', ''],
      ['', PASSWORD],
    ] as const) {
      const { status, body, headers } = await signIn(people, name, password);
      answers.push([status, body, headers.get('set-cookie')]);
    }
    const body = { code: 'wrong-credentials', message: 'The name or the password is wrong.' };
    const refusal = [401, { ...body, requestId: expect.any(String) }, null];
    expect(answers).toEqual(answers.map(() => refusal));
  });

  it('takes ten wrong passwords for a name, then none, right or wrong, and tells when', async () => {
    const people = await startWithPeople();
    await people.admin('POST', '/users', { name: 'bob', role: 'viewer' });
    const answers = await Promise.all(Array.from({ length: 14 }, () => signIn(people, 'bob', NEXT)));
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(401), count(429)]).toEqual([10, 4]);
    const last = await signIn(people, ' BOB ', PASSWORD);
    expect([last.status, last.body.code]).toEqual([429, 'too-many-attempts']);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(800);
  });

  it('is limited for an address whatever the names', async () => {
    const people = await startWithPeople();
    const statuses: number[] = [];
    for (let index = 0; index < 32; index++) statuses.push((await signIn(people, `guess-${index}`, NEXT)).status);
    expect(statuses).toEqual([...Array(30).fill(401), 429, 429]);
  });

  it('is spared what others try for the same name, where it has been done before', async () => {
    const people = await startWithPeople();
    await people.join('ada', { role: 'viewer' });
    expect((await signIn(people, 'ada', PASSWORD)).status).toBe(200);
    for (let index = 0; index < 40; index++) await signIn(people, `guess-${index}`, NEXT);
    expect((await signIn(people, 'ada', PASSWORD)).status).toBe(200);
  });

  it('is recorded, with who it was and without what was typed', async () => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'viewer' });
    const before = (await people.events()).length;
    await signIn(people, 'ada', 'wrong wrong wrong');
    await signIn(people, 'nobody', 'wrong wrong wrong');
    await signIn(people, 'ada', PASSWORD);
    await ada.api(people.center, 'DELETE', '/session');
    const actor = { kind: 'user', id: await people.idOf('ada'), name: 'ada' };
    const subject = { kind: 'user', key: 'ada' };
    const events = (await people.events()).slice(before);
    expect(events).toMatchObject([
      { action: 'sign-in-failed', subject, actor: { kind: 'center' } },
      { action: 'sign-in', subject, actor },
      { action: 'sign-out', subject, actor },
    ]);
    expect(JSON.stringify(await people.events())).not.toMatch(/wrong|horse/);
  });

  it('and everything else about access is written down, with names, roles by keys, and no credential', async () => {
    const people = await startWithPeople();
    const { admin, idOf, center } = people;
    const ada = await people.join('ada', { role: 'admin' });
    await people.join('bob', { environments: { dev: 'editor' } });
    const id = await idOf('bob');
    const { body: link } = await admin('POST', `/users/${id}/link`);
    await admin('PUT', `/users/${id}`, { isDisabled: true });
    const { body: token } = await ada.api(center, 'POST', '/tokens', { name: 'CI', role: 'viewer' });
    await ada.api(center, 'DELETE', `/tokens/${token.id}`);
    await ada.api(center, 'PUT', '/session/password', { current: PASSWORD, next: NEXT });
    await admin('DELETE', `/users/${id}`);
    const events = await people.events();
    const kept = events.map(({ actor, action, subject }) => `${actor.name} ${action} ${subject.kind} ${subject.key}`);
    const settings = 'Access token of the settings';
    expect(kept).toEqual([
      `${settings} create user ada`,
      'ada set-password user ada',
      'ada sign-in user ada',
      `${settings} create user bob`,
      'bob set-password user bob',
      'bob sign-in user bob',
      `${settings} make-link user bob`,
      `${settings} update user bob`,
      'ada create token CI',
      'ada revoke token CI',
      'ada change-password user ada',
      'ada sign-in user ada',
      `${settings} delete user bob`,
    ]);
    expect(JSON.parse(events[7]?.after ?? '')).toMatchObject({
      role: null,
      environments: { dev: 'editor' },
      isDisabled: true,
    });
    for (const secret of [link.link.split('#')[1], token.token, PASSWORD, NEXT]) {
      expect(JSON.stringify(events)).not.toContain(secret);
    }
  });

  it('takes no more than a name and a password', async () => {
    const people = await startWithPeople();
    expect((await signIn(people, 'ada', 'x'.repeat(5_000))).status).toBe(413);
    expect((await signIn(people, 'x'.repeat(5_000), PASSWORD)).status).toBe(413);
  });

  it.each([[undefined], [[]], [{ name: 'ada' }], [{ name: 5, password: PASSWORD }], [{ name: 'ada', password: null }]])(
    'with the body %j is refused without a guess being counted',
    async (body) => {
      const { center } = await startWithPeople();
      expect((await new TestBrowser().api(center, 'POST', '/session', body)).status).toBe(400);
    },
  );
});

describe('a link', () => {
  const follow = ({ center }: PeopleCenter, link: string, password = PASSWORD, name?: string) =>
    new TestBrowser().api(center, 'POST', '/links/follow', { link, password, ...(name === undefined ? {} : { name }) });
  const codeIn = (link: string) => link.split('#')[1] ?? '';

  it('of the first start makes an admin, once; another voids it, and an admin ends them all', async () => {
    const people = await startWithPeople();
    const { center } = people;
    const old = codeIn((await center.firstAdminLink()) ?? '');
    const link = codeIn((await center.firstAdminLink()) ?? '');
    const look = async (code: string) =>
      (await new TestBrowser().api(center, 'POST', '/links/look', { link: code })).status;
    expect([await look(old), await look(link), await look(link), await look('')]).toEqual([410, 200, 200, 410]);
    expect((await follow(people, link, PASSWORD)).status).toBe(400);
    expect((await follow(people, link, 'short', 'ada')).status).toBe(400);
    const raced = await Promise.all(['ada', 'bob', 'cyd'].map((name) => follow(people, link, PASSWORD, name)));
    expect(raced.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
    const [winner] = raced.filter(({ status }) => status === 200);
    expect(winner?.body.me).toMatchObject({ kind: 'user', role: 'admin', hasPassword: true });
    expect((await people.admin('GET', '/users')).body.items).toHaveLength(1);
    expect(await center.firstAdminLink()).toBeUndefined();
    expect((await people.admin('POST', '/links/first')).status).toBe(409);
    expect(await look(link)).toBe(410);
  });

  it('of the first admin is void once there is one by invitation', async () => {
    const people = await startWithPeople();
    const link = codeIn((await people.center.firstAdminLink()) ?? '');
    await people.join('ada', { role: 'admin' });
    expect((await follow(people, link, PASSWORD, 'mallory')).status).toBe(410);
  });

  it('cannot be followed twice, after its time, for one who is disabled or gone, nor be guessed', async () => {
    const clock = new FakeClock();
    const people = await startWithPeople({}, { clock });
    const invited = async (name: string) =>
      codeIn((await people.admin('POST', '/users', { name, role: 'viewer' })).body.link);
    const used = await invited('ada');
    expect((await follow(people, used)).status).toBe(200);
    const late = await invited('bob');
    const disabled = await invited('cyd');
    await people.admin('PUT', `/users/${await people.idOf('cyd')}`, { isDisabled: true });
    const gone = await invited('dan');
    await people.admin('DELETE', `/users/${await people.idOf('dan')}`);
    for (const link of [used, disabled, gone, 'x'.repeat(43)]) expect((await follow(people, link)).status).toBe(410);
    clock.time += 3 * 86_400_000 - 1;
    const look = () => new TestBrowser().api(people.center, 'POST', '/links/look', { link: late });
    expect((await look()).status).toBe(200);
    clock.time += 1;
    expect((await look()).status).toBe(410);
    expect((await follow(people, late)).status).toBe(410);
  });

  it('for a new password leaves the old one until it is followed', async () => {
    const people = await startWithPeople();
    await people.join('ada', { role: 'viewer' });
    const { body } = await people.admin('POST', `/users/${await people.idOf('ada')}/link`);
    expect((await signIn(people, 'ada', PASSWORD)).status).toBe(200);
    expect((await follow(people, codeIn(body.link), NEXT)).status).toBe(200);
    expect((await signIn(people, 'ada', PASSWORD)).status).toBe(401);
    expect((await signIn(people, 'ada', NEXT)).status).toBe(200);
  });

  it('has its credential where no server is told of it', async () => {
    const people = await startWithPeople();
    const { link } = (await people.admin('POST', '/users', { name: 'ada', role: 'viewer' })).body;
    expect(link).toMatch(/^\/welcome#[\w-]{43}$/);
    expect(await people.center.firstAdminLink()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/welcome#[\w-]{43}$/);
  });
});

describe('an access token', () => {
  const bearing = async ({ center }: PeopleCenter, token: string, method = 'GET', path = '/environments') =>
    (await new TestBrowser().api(center, method, path, undefined, { authorization: `Bearer ${token}` })).status;

  it('is shown once, is known by its beginning, and is kept nowhere', async () => {
    const people = await startWithPeople();
    const { body } = await people.admin('POST', '/tokens', { name: 'CI', environments: { dev: 'editor' } });
    expect(body.token).toMatch(/^fbc_[\w-]{43}$/);
    expect(body.token.startsWith(body.start)).toBe(true);
    const list = await people.admin('GET', '/tokens');
    expect(JSON.stringify(list.body)).not.toContain(body.token);
    expect(list.body.items).toMatchObject([
      { id: 'settings-token', role: 'admin', isRevocable: false, lastUsedAt: null },
      {
        name: 'CI',
        role: null,
        environments: { dev: 'editor' },
        start: body.start,
        createdBy: 'Access token of the settings',
      },
    ]);
    expect(JSON.stringify(await people.events())).not.toContain(body.token);
  });

  it('is refused from the moment on in which it expires, or is revoked', async () => {
    const clock = new FakeClock();
    const people = await startWithPeople({}, { clock });
    const expiresAt = new Date(clock.time + 60_000).toISOString();
    const { token } = (await people.admin('POST', '/tokens', { name: 'a', role: 'viewer', expiresAt })).body;
    const second = (await people.admin('POST', '/tokens', { name: 'b', role: 'viewer' })).body;
    clock.time += 59_999;
    expect([await bearing(people, token), await bearing(people, second.token)]).toEqual([200, 200]);
    const authorization = `Bearer ${second.token}`;
    const stream = await openStream(people, new TestBrowser(), { authorization });
    clock.time += 1;
    expect(await bearing(people, token)).toBe(401);
    expect((await people.admin('DELETE', `/tokens/${second.id}`)).status).toBe(204);
    await stream.ended;
    expect(await bearing(people, second.token)).toBe(401);
    expect((await people.admin('DELETE', `/tokens/${second.id}`)).status).toBe(404);
    expect((await people.admin('GET', '/tokens')).body.items[1]).toMatchObject({ isExpired: true });
  });

  it('is refused when it is nearly one, or stands where it does not belong', async () => {
    const people = await startWithPeople();
    const { token, id, start } = (await people.admin('POST', '/tokens', { name: 'a', role: 'viewer' })).body;
    for (const wrong of [token.slice(0, -1), `${token}x`, token.toUpperCase(), token.slice(4), id, start, 'fbc_']) {
      expect(await bearing(people, wrong), wrong).toBe(401);
    }
    const { url } = people.center;
    const { port } = new URL(url);
    const cookie = `fbcenter-${port}=${token}`;
    expect((await fetch(`${url}/api/v1/environments`, { headers: { cookie } })).status).toBe(401);
    expect((await fetch(`${url}/api/v1/environments?access_token=${token}`)).status).toBe(401);
  });

  it('of the settings is not revoked, and is no other than it was', async () => {
    const people = await startWithPeople();
    expect((await people.admin('DELETE', '/tokens/settings-token')).status).toBe(400);
    expect(await bearing(people, people.center.adminToken)).toBe(200);
    expect((await people.admin('GET', '/session')).body.me).toMatchObject({
      kind: 'settings-token',
      role: 'admin',
      session: null,
    });
  });

  it.each(['yesterday', '2020-01-01T00:00:00Z', 5, '2999-01-01', '', '2999-99-99T00:00:00Z'])(
    'does not end at %j',
    async (expiresAt) => {
      const { admin } = await startWithPeople();
      expect((await admin('POST', '/tokens', { name: 'a', role: 'viewer', expiresAt })).status).toBe(400);
    },
  );

  it('has a name that can be read on one line', async () => {
    const { admin } = await startWithPeople();
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(101), 5, undefined]) {
      expect((await admin('POST', '/tokens', { name, role: 'viewer' })).status).toBe(400);
      expect((await admin('POST', '/users', { name, role: 'viewer' })).status).toBe(400);
    }
  });

  it('says when it was used last, to the minute', async () => {
    const clock = new FakeClock();
    const people = await startWithPeople({}, { clock });
    const { token } = (await people.admin('POST', '/tokens', { name: 'a', role: 'viewer' })).body;
    clock.time += 120_000;
    await bearing(people, token);
    // Nobody waits for it to be written.
    const lastUsed = async () => (await people.admin('GET', '/tokens')).body.items[1].lastUsedAt;
    await eventually(lastUsed).toBe(new Date(clock.time).toISOString());
  });
});

describe('every answer', () => {
  it.each(['/', '/welcome', '/api/v1/session', '/api/v1/users', '/nowhere', '/health/liveness', '/favicon.svg'])(
    'of %s forbids frames, scripts from elsewhere and guessing of types',
    async (path) => {
      const { center } = await startWithPeople();
      const { headers } = await fetch(center.url + path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
      expect(headers.get('access-control-allow-origin')).toBeNull();
      if (path.startsWith('/api/')) expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  it('about credentials is kept by nobody, and a stream neither', async () => {
    const people = await startWithPeople();
    const ada = await people.join('ada', { role: 'admin' });
    for (const [method, path, body] of [
      ['POST', '/session', { name: 'ada', password: PASSWORD }],
      ['POST', '/tokens', { name: 'ci', role: 'viewer' }],
      ['GET', '/environments/dev/secrets', undefined],
    ] as const) {
      expect((await ada.api(people.center, method, path, body)).headers.get('cache-control')).toBe('no-store');
    }
  });
});

import { describe, expect, it } from 'vitest';
import { aFlag, aSegment } from './support/documents.js';
import { type PeopleCenter, startWithPeople } from './support/people.js';

const FLAG = '/environments/dev/flags/f';

/** The newest entry of the audit log that is about documents. */
const newest = async ({ admin }: PeopleCenter) => (await admin('GET', '/audit?kind=flag&limit=1')).body.items[0];

describe('somebody who is signed in', () => {
  it('says which version was seen before changing what is there; a program need not', async () => {
    const people = await startWithPeople();
    const { center, admin } = people;
    const ada = await people.join('Ada', { role: 'admin' });
    const created = await ada.api(center, 'PUT', FLAG, aFlag());
    expect(created.status).toBe(201);
    const version = Date.parse(created.body.updatedAt);
    const changes = [
      ['PUT', FLAG, aFlag({ name: 'x' })],
      ['POST', `${FLAG}/toggle`, { isEnabled: false }],
      ['POST', `${FLAG}/archive`, undefined],
      ['POST', `${FLAG}/restore`, undefined],
      ['DELETE', FLAG, undefined],
      ['POST', `${FLAG}/history/${version}/put-back`, undefined],
    ] as const;
    for (const [method, path, body] of changes) {
      const refused = await ada.api(center, method, path, body);
      expect(refused, `${method} ${path}`).toMatchObject({ status: 428, body: { code: 'precondition-required' } });
    }
    expect((await ada.api(center, 'GET', FLAG)).body).toEqual(created.body);
    const headers = { 'if-match': `"${version}"` };
    expect((await ada.api(center, 'PUT', FLAG, aFlag({ name: 'x' }), headers)).status).toBe(200);
    expect((await admin('PUT', FLAG, aFlag({ name: 'y' }))).status).toBe(200);
    const { token } = (await admin('POST', '/tokens', { name: 'CI', role: 'editor' })).body;
    const bearer = { authorization: `Bearer ${token}` };
    expect((await ada.api(center, 'PUT', FLAG, aFlag({ name: 'z' }), bearer)).status).toBe(200);
  });

  it('is told who was quicker, by name', async () => {
    const people = await startWithPeople();
    const { center } = people;
    const [ada, grace] = [await people.join('Ada', { role: 'editor' }), await people.join('Grace', { role: 'editor' })];
    const tag = (await ada.api(center, 'PUT', FLAG, aFlag())).headers.get('etag') ?? '';
    const theirs = await grace.api(center, 'PUT', FLAG, aFlag({ name: 'hers' }), { 'if-match': tag });
    const refused = await ada.api(center, 'PUT', FLAG, aFlag({ name: 'mine' }), { 'if-match': tag });
    expect(refused).toMatchObject({
      status: 412,
      body: {
        current: {
          version: Date.parse(theirs.body.updatedAt),
          changedBy: { kind: 'user', id: await people.idOf('Grace'), name: 'Grace' },
        },
      },
    });
  });

  it('is in the audit log by id and by the name of that day, also when gone', async () => {
    const people = await startWithPeople();
    const ada = await people.join('Ada', { role: 'editor' });
    await ada.api(people.center, 'PUT', FLAG, aFlag());
    const id = await people.idOf('Ada');
    await people.admin('DELETE', `/users/${id}`);
    expect(await newest(people)).toMatchObject({ actor: { kind: 'user', id, name: 'Ada' }, action: 'create' });
    for (const actor of ['Ada', id]) {
      const { body } = await people.admin('GET', `/audit?kind=flag&actor=${actor}`);
      expect(body.items).toHaveLength(1);
    }
  });

  it('cannot pass for somebody else', async () => {
    const people = await startWithPeople();
    const ada = await people.join('Ada', { role: 'editor' });
    const forged = { actor: { kind: 'user', id: 'root', name: 'root' }, updatorId: 'root', creatorId: 'root' };
    const headers = { 'x-change-actor': 'root', 'x-forwarded-user': 'root' };
    await ada.api(people.center, 'PUT', FLAG, { ...aFlag(), ...forged }, headers);
    expect(await newest(people)).toMatchObject({ actor: { name: 'Ada' } });
    expect((await ada.api(people.center, 'GET', FLAG)).body).toMatchObject({ updatorId: 'Ada', creatorId: 'Ada' });
  });
});

describe('whoever has a role in one environment', () => {
  it('reads its entries, its histories and its file, and nothing of others', async () => {
    const people = await startWithPeople();
    const { center, admin } = people;
    await admin('PUT', FLAG, aFlag());
    await admin('PUT', '/environments/prod/flags/f', aFlag());
    const [mine] = (await admin('GET', '/audit?environment=dev&kind=flag')).body.items;
    const [others] = (await admin('GET', '/audit?environment=prod&kind=flag')).body.items;
    const viewer = await people.join('Vera', { environments: { dev: 'viewer' } });
    const statuses = async (...paths: string[]) =>
      Promise.all(paths.map(async (path) => (await viewer.api(center, 'GET', path)).status));
    const dev = '/environments/dev';
    const prod = '/environments/prod';
    expect(await statuses(`${dev}/audit`, `${dev}/audit/${mine.id}`, `${FLAG}/history`, `${dev}/export`)).toEqual([
      200, 200, 200, 200,
    ]);
    expect(
      await statuses(`${dev}/audit/${others.id}`, `${prod}/audit`, `${prod}/flags/f/history`, `${prod}/export`),
    ).toEqual([404, 404, 404, 404]);
    expect(await statuses('/audit', `/audit/${mine.id}`, '/audit/export')).toEqual([403, 403, 403]);
  });

  it('changes nothing as a viewer: no version is put back, nothing imported, promoted or renamed', async () => {
    const people = await startWithPeople();
    const { center, admin } = people;
    const version = Date.parse((await admin('PUT', FLAG, aFlag())).body.updatedAt);
    const viewer = await people.join('Vera', { environments: { dev: 'viewer', prod: 'viewer' } });
    const before = (await admin('GET', '/audit')).body.items[0].id;
    for (const [method, path, body] of [
      ['POST', `${FLAG}/history/${version}/put-back`, undefined],
      ['POST', '/environments/dev/import', { format: 'fbcenter-environment', formatVersion: 1 }],
      ['POST', '/environments/prod/promote', { from: 'dev', flags: ['f'] }],
      ['PUT', '/environments/dev', { name: 'Mine' }],
    ] as const) {
      const { status } = await viewer.api(center, method, path, body, { 'if-match': `"${version}"` });
      expect(status, `${method} ${path}`).toBe(403);
    }
    const entries = (await admin('GET', '/audit')).body.items.filter(({ id }: { id: number }) => id > before);
    expect(entries.filter(({ actor }: { actor: { name: string } }) => actor.name === 'Vera')).toEqual([]);
  });

  it('promotes from where it may look, and finds nothing elsewhere', async () => {
    const people = await startWithPeople();
    const { center, admin } = people;
    await admin('PUT', '/environments/dev/segments/s', aSegment());
    await admin('PUT', FLAG, aFlag());
    const stranger = await people.join('Stan', { environments: { prod: 'editor' } });
    const seer = await people.join('Sue', { environments: { prod: 'editor', dev: 'viewer' } });
    const body = { from: 'dev', flags: ['f'] };
    expect(await stranger.api(center, 'POST', '/environments/prod/promote', body)).toMatchObject({
      status: 404,
      body: { code: 'environment-not-found' },
    });
    expect((await seer.api(center, 'POST', '/environments/prod/promote', body)).status).toBe(200);
    expect(await newest(people)).toMatchObject({
      actor: { name: 'Sue' },
      action: 'promote',
      source: 'environment dev',
    });
  });
});

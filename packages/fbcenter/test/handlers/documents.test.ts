import { beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.js';
import { aStorage } from '../support/a-storage.js';
import { aFlag, aRule, aSegment } from '../support/documents.js';
import { type Asked, type HandlerWorld, handlerWorld } from '../support/handler-world.js';
import { replacing } from '../support/replacing.js';

let world: HandlerWorld;
beforeEach(async () => {
  world = await handlerWorld();
});

const at = (key: string, asked: Asked = {}): Asked => ({ ...asked, params: { environment: 'dev', key } });
const putFlag = (key: string, ...[body, asked]: [body?: unknown, asked?: Asked]) =>
  world.ask(world.handlers.flags.put, at(key, { ...asked, body: body ?? aFlag() }));
const getFlag = (key: string, headers = {}) => world.ask(world.handlers.flags.get, at(key, { headers }));
const refused = (status: number, code: string) => ({ status, body: { code, message: expect.stringMatching(/[.?]$/) } });

describe('a put', () => {
  it('of a new flag is answered 201 with the document, its version as the tag', async () => {
    const { status, headers, body } = await putFlag('f');
    expect(status).toBe(201);
    expect(headers).toEqual({ etag: `"${world.clock.time}"` });
    expect(body).toMatchObject({ key: 'f', isEnabled: true, envId: world.environment.id });
  });

  it('of one that is there is answered 200, under the next version although the clock stands still', async () => {
    await putFlag('f');
    const { status, headers } = await putFlag('f', aFlag({ name: 'again' }));
    expect([status, headers.etag]).toEqual([200, `"${world.clock.time + 1}"`]);
  });

  it('of a segment takes the id from the address', async () => {
    const { status, body } = await world.ask(world.handlers.segments.put, at('vip', { body: aSegment() }));
    expect([status, body.id, body.isArchived]).toEqual([201, 'vip', false]);
  });

  it('has its warnings in the answer, and not in what is kept', async () => {
    const { status, body } = await putFlag('f', aFlag({ tagss: ['a'] }));
    expect(status).toBe(201);
    expect(body.warnings).toMatchObject([{ code: 'unknown-field', path: 'tagss' }]);
    expect((await getFlag('f')).body.warnings).toBeUndefined();
  });

  it('of an answer to an earlier put, warnings and all, keeps none of them', async () => {
    const { body } = await putFlag('f', aFlag({ tagss: ['a'] }));
    const { tagss: _, ...rest } = body;
    expect((await putFlag('f', rest)).body.warnings).toBeUndefined();
    expect((await world.storage.documents.get(world.environment.id, 'flag', 'f'))?.text).not.toContain('warnings');
  });

  it.each<[body: unknown, path: string]>([
    ['text', ''],
    [7, ''],
    [[], ''],
    [{}, 'variations'],
    [aFlag({ variations: [] }), 'variations'],
    [aFlag({ key: 'other' }), 'key'],
    [aFlag({ disabledVariationId: 'x' }), 'disabledVariationId'],
    [aFlag({ rules: [aRule({ property: 'age', op: 'LongerThan', value: '1' })] }), 'rules[0].conditions[0].op'],
    [aFlag({ rules: [aRule({ property: 'age', op: 'MatchRegex', value: '(' })] }), 'rules[0].conditions[0].value'],
    [aFlag({ tags: 'a' }), 'tags'],
  ])('of %j is refused at %j, and nothing is kept', async (body, path) => {
    const answer = await putFlag('f', body);
    expect(answer).toMatchObject(refused(400, 'invalid-document'));
    expect(answer.body.faults.map((fault: { path: string }) => fault.path)).toContain(path);
    expect(await getFlag('f')).toMatchObject(refused(404, 'not-found'));
  });

  it.each([undefined, null])('of %j is refused as a whole', async (body) => {
    const answer = await world.ask(world.handlers.flags.put, at('f', { body }));
    expect(answer).toMatchObject(refused(400, 'invalid-document'));
    expect(answer.body.faults).toMatchObject([{ code: 'wrong-type', path: '' }]);
  });

  it('under a precondition that does not hold is refused, whether the flag is there or not', async () => {
    const version = (await putFlag('f')).headers.etag ?? '';
    expect(await putFlag('f', aFlag(), { headers: { 'if-none-match': '*' } })).toMatchObject(
      refused(412, 'version-mismatch'),
    );
    expect(await putFlag('f', aFlag(), { headers: { 'if-match': '"1"' } })).toMatchObject(
      refused(412, 'version-mismatch'),
    );
    expect(await putFlag('g', aFlag(), { headers: { 'if-match': String(version) } })).toMatchObject(
      refused(412, 'version-mismatch'),
    );
    expect((await putFlag('g', aFlag(), { headers: { 'if-none-match': '*' } })).status).toBe(201);
    expect((await putFlag('f', aFlag(), { headers: { 'if-match': String(version) } })).status).toBe(200);
  });

  it('onto an archived flag has to say whether it restores it', async () => {
    await putFlag('f');
    await world.ask(world.handlers.flags.archive, at('f'));
    expect(await putFlag('f')).toMatchObject(refused(409, 'archived'));
    expect((await putFlag('f', aFlag({ isArchived: true }))).body.isArchived).toBe(true);
    expect((await putFlag('f', aFlag({ isArchived: false }))).body.isArchived).toBe(false);
  });

  it('of a flag and of a segment of the same key are two documents', async () => {
    await putFlag('x');
    await world.ask(world.handlers.segments.put, at('x', { body: aSegment() }));
    expect((await getFlag('x')).body.variations).toHaveLength(2);
    expect((await world.ask(world.handlers.segments.get, at('x'))).body.included).toEqual(['u1']);
  });
});

describe('a get', () => {
  it('is answered 304 with the tag to who has the version, by any form of the header', async () => {
    const etag = (await putFlag('f')).headers.etag ?? '';
    for (const header of [etag, `W/${etag}`, `"1", ${etag}`, '*']) {
      expect(await getFlag('f', { 'if-none-match': header })).toEqual({
        status: 304,
        headers: { etag },
        body: undefined,
      });
    }
    expect((await getFlag('f', { 'if-none-match': '"1"' })).status).toBe(200);
    expect((await getFlag('f', { 'if-none-match': 'nonsense' })).status).toBe(200);
  });

  it('of what is not there is 404, also to who believes to have it', async () => {
    expect(await getFlag('f', { 'if-none-match': '*' })).toMatchObject(refused(404, 'not-found'));
    expect((await world.ask(world.handlers.segments.get, at('s'))).body.message).toContain('segment');
  });

  it('of an environment sees nothing of another one', async () => {
    await putFlag('f');
    const other = { ...world.environment, id: '00000000-0000-4000-8000-0000000000ff', key: 'prod' };
    expect((await world.ask(world.handlers.flags.get, at('f', { environment: other }))).status).toBe(404);
  });
});

describe('a list of long documents', () => {
  it('has shorter pages, of a document at least, and every document on one of them', async () => {
    const long = await handlerWorld();
    const value = 'x'.repeat(1_500_000);
    const variations = [
      { id: 'on', value },
      { id: 'off', value: '' },
    ];
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      const answer = await long.ask(long.handlers.flags.put, {
        params: { key },
        body: { ...aFlag({ variationType: 'string', variations }), key },
      });
      expect(answer.status).toBe(201);
    }
    const pages: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await long.ask(long.handlers.flags.list, { query: `limit=1000&after=${next}` });
      pages.push(body.items.map(({ key }: { key: string }) => key).join(''));
      next = body.next;
    }
    expect(pages).toEqual(['ab', 'cd', 'e']);
  });
});

describe('a list', () => {
  const list = async (query = '') => {
    const { status, body } = await world.ask(world.handlers.flags.list, { query });
    if (status !== 200) return body.code;
    return [body.items.map(({ key }: { key: string }) => key).join(' '), body.next];
  };

  beforeEach(async () => {
    for (const key of ['b', 'a', 'c', 'A', 'ä', 'a b']) await putFlag(key);
    await world.ask(world.handlers.flags.archive, at('c'));
  });

  it.each([
    ['', ['A a a b b c ä', null]],
    ['limit=6', ['A a a b b c ä', null]],
    ['limit=5', ['A a a b b c', 'c']],
    ['limit=2', ['A a', 'a']],
    ['limit=2&after=a', ['a b b', 'b']],
    ['limit=2&after=b', ['c ä', null]],
    ['after=zz', ['ä', null]],
    ['after=ä', ['', null]],
    ['after=', ['A a a b b c ä', null]],
    ['archived=true', ['c', null]],
    ['archived=false&limit=4', ['A a a b b', 'b']],
    ['archived=true&after=c', ['', null]],
    ['limit=0', 'invalid-request'],
    ['archived=1', 'invalid-request'],
    ['unknown=1&limit=1', ['A', 'A']],
  ])('?%s is %j', async (query, expected) => {
    expect(await list(query)).toEqual(expected);
  });

  it('followed by next has every flag once, whatever the size of a page', async () => {
    for (const limit of [1, 2, 3, 4, 6, 7]) {
      const seen: string[] = [];
      for (let after: string | null = ''; after !== null; ) {
        const { body } = await world.ask(world.handlers.flags.list, {
          query: `limit=${limit}&after=${encodeURIComponent(after)}`,
        });
        seen.push(...body.items.map(({ key }: { key: string }) => key));
        after = body.next;
      }
      expect(seen).toEqual(['A', 'a', 'a b', 'b', 'c', 'ä']);
    }
  });

  it('sends the texts as they are kept', async () => {
    const { items } = (await world.ask(world.handlers.flags.list)).body;
    expect(items[0]).toEqual((await getFlag('A')).body);
  });

  it('of segments has no flag in it', async () => {
    await world.ask(world.handlers.segments.put, at('s', { body: aSegment() }));
    const { body } = await world.ask(world.handlers.segments.list);
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['s']);
  });
});

describe('the switch', () => {
  const toggle = (body?: unknown, headers = {}) => world.ask(world.handlers.flags.toggle, at('f', { body, headers }));
  const isEnabled = async () => (await getFlag('f')).body.isEnabled;
  beforeEach(async () => void (await putFlag('f')));

  it.each<[body: unknown, after: boolean]>([
    [undefined, false],
    [{}, false],
    [{ isEnabled: false }, false],
    [{ isEnabled: true }, true],
    [{ isEnabled: false, comment: 'of no interest' }, false],
  ])('of a flag that is on leaves it, with the body %j, at %s', async (body, after) => {
    expect(await toggle(body)).toMatchObject({ status: 200, body: { isEnabled: after } });
    expect(await isEnabled()).toBe(after);
  });

  it.each([null, [], 'false', 0, false, { isEnabled: 'false' }, { isEnabled: null }, { isEnabled: 1 }])(
    'with the body %j is refused',
    async (body) => {
      expect(await toggle(body)).toMatchObject(refused(400, 'invalid-request'));
      expect(await isEnabled()).toBe(true);
    },
  );

  it.each(['isenabled', 'IsEnabled', 'isEnable', 'isEnabeld'])(
    'with the misspelt field %s is refused: it would flip the switch instead',
    async (name) => {
      const answer = await toggle({ [name]: true });
      expect(answer).toMatchObject(refused(400, 'invalid-request'));
      expect(answer.body.message).toContain('did you mean "isEnabled"');
      expect(await isEnabled()).toBe(true);
    },
  );

  it('to the state that it has changes no version', async () => {
    const { headers } = await toggle({ isEnabled: true });
    expect(headers.etag).toBe((await getFlag('f')).headers.etag);
    expect(headers.etag).toBe(`"${world.clock.time}"`);
  });

  it('is held to If-Match, also when nothing would change', async () => {
    expect(await toggle({ isEnabled: true }, { 'if-match': '"5"' })).toMatchObject(refused(412, 'version-mismatch'));
    expect(await toggle(undefined, { 'if-match': 'x y' })).toMatchObject(refused(400, 'invalid-request'));
  });

  it('of a flag that broke a rule later can still be switched off', async () => {
    await world.ask(world.handlers.segments.put, at('s', { body: aSegment() }));
    const uses = aFlag({ rules: [aRule({ property: 'User is in segment', op: null, value: '["s"]' })] });
    await putFlag('f', uses);
    await world.ask(world.handlers.flags.archive, at('f'));
    await world.ask(world.handlers.segments.archive, at('s'));
    expect(await toggle()).toMatchObject(refused(409, 'archived'));
    expect(await world.ask(world.handlers.flags.restore, at('f'))).toMatchObject(refused(400, 'invalid-document'));
  });
});

describe('archive, restore and delete', () => {
  const remove = (key: string, headers = {}) => world.ask(world.handlers.flags.delete, at(key, { headers }));
  const archive = (key: string, headers = {}) => world.ask(world.handlers.flags.archive, at(key, { headers }));

  it('go one after the other, and each says when it comes too early', async () => {
    expect(await archive('f')).toMatchObject(refused(404, 'not-found'));
    expect(await remove('f')).toMatchObject(refused(404, 'not-found'));
    await putFlag('f');
    expect(await remove('f')).toMatchObject(refused(409, 'not-archived'));
    expect((await archive('f')).body.isArchived).toBe(true);
    expect(await remove('f', { 'if-match': '"1"' })).toMatchObject(refused(412, 'version-mismatch'));
    expect(await remove('f')).toEqual({ status: 204, headers: {}, body: undefined });
    expect(await remove('f')).toMatchObject(refused(404, 'not-found'));
    expect((await putFlag('f')).status).toBe(201);
  });

  it('of a flag takes its counts along, and leaves those of others', async () => {
    for (const key of ['f', 'g']) {
      await putFlag(key);
      const event = { featureFlagKey: key, variation: { id: 'on' } };
      await world.ask(world.handlers.sdk.track, { body: [{ user: { keyId: 'u' }, variations: [event] }] });
    }
    await archive('f');
    await remove('f');
    const { flags } = (await world.ask(world.handlers.insights.get)).body;
    expect(flags.map(({ key }: { key: string }) => key)).toEqual(['g']);
  });

  it('of a segment that flags use is refused with their keys', async () => {
    await world.ask(world.handlers.segments.put, at('s', { body: aSegment() }));
    await putFlag('f', aFlag({ rules: [aRule({ property: 'User is in segment', op: null, value: '["s"]' })] }));
    const answer = await world.ask(world.handlers.segments.archive, at('s'));
    expect(answer).toMatchObject(refused(409, 'segment-in-use'));
    expect(answer.body.message).toContain('"f"');
  });

  it('twice is the same answer, and one change', async () => {
    await putFlag('f');
    const versions: number[] = [];
    world.storage.changes.watch(({ version }) => void versions.push(version));
    expect((await archive('f')).headers).toEqual((await archive('f')).headers);
    expect(versions).toHaveLength(1);
  });
});

describe('the summaries', () => {
  const summaries = (headers = {}) => world.ask(world.handlers.flags.summaries, { headers });
  const keys = async (headers = {}) => {
    const { status, body } = await summaries(headers);
    return status === 304 ? 'the same' : body.items.map(({ key }: { key: string }) => key);
  };

  it('are those of the flags as they are now', async () => {
    expect(await keys()).toEqual([]);
    await putFlag('b');
    await putFlag('a');
    await world.ask(world.handlers.segments.put, at('s', { body: aSegment() }));
    expect(await keys()).toEqual(['a', 'b']);
    expect((await summaries()).body.version).toBe(world.clock.time + 2);
  });

  it('are not sent again to who has them, and sent when anything has changed', async () => {
    await putFlag('a');
    const etag = (await summaries()).headers.etag ?? '';
    expect(await keys({ 'if-none-match': etag })).toBe('the same');
    await world.ask(world.handlers.flags.toggle, at('a'));
    expect(await keys({ 'if-none-match': etag })).toEqual(['a']);
  });

  it('lose a flag that is deleted, also for who has had it', async () => {
    await putFlag('a');
    await putFlag('b');
    await archive('a');
    const etag = (await summaries()).headers.etag ?? '';
    await world.ask(world.handlers.flags.delete, at('a'));
    expect(await keys({ 'if-none-match': etag })).toEqual(['b']);
    const later = (await summaries()).headers.etag ?? '';
    expect(later).not.toBe(etag);
    await putFlag('a');
    expect(await keys({ 'if-none-match': later })).toEqual(['a', 'b']);
  });

  const archive = (key: string) => world.ask(world.handlers.flags.archive, at(key));
});

describe('a storage that fails', () => {
  it.each(['list', 'get', 'put', 'toggle', 'archive', 'restore', 'delete', 'summaries'] as const)(
    'is 503 with what to do: %s',
    async (name) => {
      const fail = async () => {
        throw new StorageError('The disk is full: make room on it.');
      };
      const storage = await aStorage();
      const documents = { ...storage.documents, get: fail, list: fail };
      const changes = { ...storage.changes, everything: fail };
      const broken = await handlerWorld({ storage: replacing(storage, { documents, changes, transact: fail }) });
      const answer = await broken.ask(
        broken.handlers.flags[name],
        at('f', { body: name === 'put' ? aFlag() : undefined }),
      );
      expect(answer).toMatchObject({
        status: 503,
        body: { code: 'storage-unavailable', message: 'The disk is full: make room on it. Nothing was changed.' },
      });
    },
  );
});

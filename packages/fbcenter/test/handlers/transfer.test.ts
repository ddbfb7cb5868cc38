import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transferHandlers } from '../../src/handlers/transfer.js';
import { FilePlaces } from '../../src/http/room.js';
import { aFlag, aRule, aSegment } from '../support/documents.js';
import { anEnvironment } from '../support/environments.js';
import { exchangeOf } from '../support/exchange.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';
import { check } from '../support/property.js';

const FILE = { format: 'fbcenter-environment', formatVersion: 1 };
const asking = (...ids: string[]) =>
  aFlag({ rules: [{ id: 'r', ...aRule({ property: 'User is in segment', op: null, value: JSON.stringify(ids) }) }] });

const importing = (world: HandlerWorld, body: unknown, query = '') =>
  world.ask(world.handlers.transfer.import, { body, query });
const put = async (world: HandlerWorld, key: string, body: unknown, environment = world.environment) => {
  const answer = await world.ask(world.handlers.flags.put, { params: { key }, body, environment });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
};

/** What an environment has: keys with versions. */
async function contentOf({ storage, environment }: HandlerWorld, id = environment.id) {
  const { documents } = await storage.changes.everything(id);
  return documents.map(({ kind, key, version }) => `${kind} ${key} ${version}`).toSorted();
}

describe('the plan of an import', () => {
  it.each<[string, object, outcome: object]>([
    ['a new flag', { flags: [{ key: 'new', ...aFlag() }] }, { kind: 'flag', key: 'new', outcome: 'created' }],
    ['a flag that is the same', { flags: [{ key: 'f', ...aFlag() }] }, { outcome: 'same', fields: [] }],
    [
      'a flag with another name',
      { flags: [{ key: 'f', ...aFlag({ name: 'x' }) }] },
      { outcome: 'changed', fields: ['name'], isEnabled: null },
    ],
    [
      'a flag that is archived',
      { flags: [{ key: 'f', ...aFlag({ isArchived: true }) }] },
      { outcome: 'changed', fields: ['isArchived'] },
    ],
    [
      'a flag that is switched off',
      { flags: [{ key: 'f', ...aFlag({ isEnabled: false }) }] },
      { outcome: 'changed', fields: ['isEnabled'], isEnabled: false },
    ],
    [
      'a flag that is switched on',
      { flags: [{ key: 'g', ...aFlag({ isEnabled: true }) }] },
      { outcome: 'changed', fields: ['isEnabled'], isEnabled: true },
    ],
    [
      'a new segment',
      { segments: [{ id: 'new', ...aSegment() }] },
      { kind: 'segment', key: 'new', outcome: 'created' },
    ],
    [
      'a flag without a key',
      { flags: [aFlag()] },
      { key: '', outcome: 'faulty', faults: [expect.objectContaining({ code: 'missing', path: 'flags[0].key' })] },
    ],
    [
      'what is no flag',
      { flags: [5] },
      { key: '', outcome: 'faulty', faults: [expect.objectContaining({ code: 'wrong-type' })] },
    ],
    ['what is null', { flags: [null] }, { key: '', outcome: 'faulty' }],
    [
      'a segment without an id',
      { segments: [{}] },
      { key: '', outcome: 'faulty', faults: [expect.objectContaining({ path: 'segments[0].id' })] },
    ],
    [
      'a flag that asks about nobody',
      { flags: [{ key: 'new', ...asking('nope') }] },
      { outcome: 'faulty', faults: [expect.objectContaining({ code: 'unknown-segment' })] },
    ],
    [
      'a flag whose key nobody can have',
      { flags: [{ key: ' x', ...aFlag() }] },
      { outcome: 'faulty', faults: [expect.objectContaining({ code: 'invalid-key' })] },
    ],
  ])('says of %s what becomes of it, and does nothing', async (_, content, item) => {
    const world = await handlerWorld();
    await put(world, 'f', aFlag());
    await put(world, 'g', aFlag({ isEnabled: false }));
    const before = await contentOf(world);
    const { status, body } = await importing(world, { ...FILE, ...content }, 'dryRun=true');
    expect(status).toBe(200);
    expect(body).toMatchObject({ dryRun: true, group: null, items: [{ ...item, version: null }] });
    expect(await contentOf(world)).toEqual(before);
    expect((await world.storage.audit.list({ action: 'import', limit: 1 })).length).toBe(0);
  });

  it('says of what is there twice that the second is too much', async () => {
    const world = await handlerWorld();
    const flags = [
      { key: 'f', ...aFlag() },
      { key: 'f', ...aFlag({ name: 'x' }) },
    ];
    const { body } = await importing(world, { ...FILE, flags }, 'dryRun=true');
    expect(body.items.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['created', 'faulty']);
    expect(body.items[1].faults).toEqual([{ code: 'duplicate-id', path: 'flags[1].key', message: 'Is there twice.' }]);
    expect(await importing(world, { ...FILE, flags })).toMatchObject({
      status: 400,
      body: { code: 'invalid-document' },
    });
    expect(await contentOf(world)).toEqual([]);
  });

  it('counts what becomes of all, and names as many outcomes as there are items', async () => {
    const world = await handlerWorld();
    await put(world, 'same', aFlag());
    await put(world, 'other', aFlag());
    const flags = [
      { key: 'same', ...aFlag() },
      { key: 'other', ...aFlag({ name: 'x' }) },
      { key: 'new', ...aFlag() },
      { key: 'bad', ...aFlag({ variations: [] }) },
    ];
    const { body } = await importing(world, { ...FILE, flags }, 'dryRun=true');
    expect(body.counts).toEqual({ created: 1, changed: 1, same: 1, faulty: 1 });
  });

  it('of the same file is the same plan, whatever else is there', async () => {
    const world = await handlerWorld();
    const keys = ['a', 'b', 'c'];
    const anyFlag = fc.record({
      key: fc.constantFrom(...keys),
      isEnabled: fc.boolean(),
      name: fc.constantFrom('x', 'y'),
    });
    const anyFile = fc.uniqueArray(anyFlag, { selector: ({ key }) => key, maxLength: 3 });
    let other = 0;
    await check(
      fc.asyncProperty(anyFile, async (some) => {
        const file = { ...FILE, flags: some.map((flag) => ({ ...aFlag(), ...flag })) };
        const plan = async () => (await importing(world, file, 'dryRun=true')).body.plan;
        const first = await plan();
        await put(world, `other-${other++}`, aFlag());
        expect(await plan()).toBe(first);
        const done = await importing(world, file, `plan=${first}`);
        expect(done).toMatchObject({ status: 200, body: { dryRun: false, plan: first } });
        // Now there is nothing left to do, which is another plan unless there was nothing to do before.
        const { body } = await importing(world, file, 'dryRun=true');
        expect(body.counts).toEqual({ created: 0, changed: 0, same: some.length, faulty: 0 });
      }),
      15,
    );
  });
});

describe('an import', () => {
  it.each<[body: unknown, message: string]>([
    [undefined, 'Send a file that was exported: "format" must be "fbcenter-environment".'],
    [null, 'Send a file that was exported: "format" must be "fbcenter-environment".'],
    ['a file', 'Send a file that was exported: "format" must be "fbcenter-environment".'],
    [[FILE], 'Send a file that was exported: "format" must be "fbcenter-environment".'],
    [{}, 'Send a file that was exported: "format" must be "fbcenter-environment".'],
    [
      { ...FILE, format: 'FBCENTER-ENVIRONMENT' },
      'Send a file that was exported: "format" must be "fbcenter-environment".',
    ],
    [{ format: FILE.format }, '"formatVersion" must be 1: a file of another version needs another fbcenter.'],
    [{ ...FILE, formatVersion: '1' }, '"formatVersion" must be 1: a file of another version needs another fbcenter.'],
    [{ ...FILE, formatVersion: 0 }, '"formatVersion" must be 1: a file of another version needs another fbcenter.'],
    [{ ...FILE, flags: {} }, '"flags" must be an array.'],
    [{ ...FILE, flags: 'f' }, '"flags" must be an array.'],
    [{ ...FILE, segments: 5 }, '"segments" must be an array.'],
  ])('is not made of %j', async (body, message) => {
    const world = await handlerWorld();
    for (const query of ['', 'dryRun=true']) {
      expect(await importing(world, body, query)).toMatchObject({
        status: 400,
        body: { code: 'invalid-request', message },
      });
    }
  });

  it.each([
    ['dryRun=yes', 'dryRun must be true or false.'],
    ['dryRun=', 'dryRun must be true or false.'],
    ['withSwitch=1', 'withSwitch must be true or false.'],
  ])('with ?%s is refused before anything is done', async (query, message) => {
    const world = await handlerWorld();
    const answer = await importing(world, { ...FILE, flags: [{ key: 'f', ...aFlag() }] }, query);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
    expect(await contentOf(world)).toEqual([]);
  });

  it('of another plan than was looked at is refused', async () => {
    const world = await handlerWorld();
    for (const plan of ['x', '0'.repeat(32), '*']) {
      expect(await importing(world, { ...FILE, flags: [{ key: 'f', ...aFlag() }] }, `plan=${plan}`)).toMatchObject({
        status: 412,
        body: { code: 'version-mismatch' },
      });
    }
    expect(await contentOf(world)).toEqual([]);
  });

  it('with one fault does nothing, and says where each fault is', async () => {
    const world = await handlerWorld();
    const flags = [
      { key: 'good', ...aFlag() },
      { key: 'bad', ...aFlag({ isEnabled: 'yes' }) },
    ];
    const answer = await importing(world, { ...FILE, flags, segments: [{ id: 's', included: 5 }] });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-document' } });
    expect(answer.body.faults.map(({ path }: { path: string }) => path)).toEqual([
      'segments[0].included',
      'flags[1].isEnabled',
    ]);
    expect(await contentOf(world)).toEqual([]);
  });

  it('that brings nothing new makes no version', async () => {
    const world = await handlerWorld();
    await put(world, 'f', aFlag());
    const before = await contentOf(world);
    const { body } = await importing(world, { ...FILE, flags: [{ key: 'f', ...aFlag() }] });
    expect(body.counts).toEqual({ created: 0, changed: 0, same: 1, faulty: 0 });
    expect(await contentOf(world)).toEqual(before);
  });
});

describe('a promotion', () => {
  async function twoEnvironments() {
    const world = await handlerWorld();
    const staging = anEnvironment('staging');
    await world.storage.environments.create(staging, []);
    await put(world, 'f', aFlag({ name: 'x' }), staging);
    return {
      ...world,
      world,
      staging,
      promote: (body: unknown, query = '') => world.ask(world.handlers.transfer.promote, { body, query }),
    };
  }

  const SEND = 'Send {"from": "…", "flags": ["…"]}: an environment and keys of its flags.';
  it.each<[body: unknown, status: number, message: string]>([
    [undefined, 400, SEND],
    [[], 400, SEND],
    [{}, 400, SEND],
    [{ from: 'staging' }, 400, SEND],
    [{ from: 5, flags: ['f'] }, 400, SEND],
    [{ from: 'staging', flags: 'f' }, 400, SEND],
    [{ from: 'staging', flags: [5] }, 400, SEND],
    [{ from: 'staging', flags: ['f', null] }, 400, SEND],
    [{ from: 'staging', flags: [] }, 400, 'flags: Must be 1 to 20,000 keys.'],
    [{ from: 'staging', flags: Array<string>(20_001).fill('f') }, 400, 'flags: Must be 1 to 20,000 keys.'],
    [{ from: 'staging', flags: ['f'], withSwitch: 1 }, 400, 'withSwitch and withSegments must be true or false.'],
    [{ from: 'staging', flags: ['f'], withSegments: null }, 400, 'withSwitch and withSegments must be true or false.'],
    [
      { from: 'staging', flags: ['f'], withSegment: true },
      400,
      '"withSegment" is no field of this request: did you mean "withSegments"?',
    ],
    [{ from: 'dev', flags: ['f'] }, 400, 'from: Must be another environment than the one that they go to.'],
    [{ from: 'nope', flags: ['f'] }, 404, 'from: There is no environment of this key.'],
    [
      { from: 'staging', flags: ['f', 'nope'] },
      404,
      'flags[1]: There is no such flag in the environment that they come from.',
    ],
  ])('of %j is refused', async (body, status, message) => {
    const { promote, world } = await twoEnvironments();
    for (const query of ['', 'dryRun=true'])
      expect(await promote(body, query)).toMatchObject({ status, body: { message } });
    expect(await contentOf(world)).toEqual([]);
  });

  it('out of an environment that the caller may not see is one out of nowhere', async () => {
    const { world, environment } = await twoEnvironments();
    const actor = { kind: 'user', id: 'ada', name: 'Ada' } as const;
    const caller = {
      kind: 'manager',
      actor,
      sessionId: 's',
      grants: { everywhere: undefined, environments: { [environment.id]: 'editor' } },
    } as const;
    const body = { from: 'staging', flags: ['f'] };
    expect(await world.ask(world.handlers.transfer.promote, { body, caller })).toMatchObject({
      status: 404,
      body: { code: 'environment-not-found', message: 'from: There is no environment of this key.' },
    });
  });

  it('names the environment that it comes from in the log, and each flag once', async () => {
    const { promote, world } = await twoEnvironments();
    const { status, body } = await promote({ from: 'staging', flags: ['f', 'f', 'f'] });
    expect([status, body.items.length]).toEqual([200, 1]);
    const entries = await world.storage.audit.list({ group: body.group, limit: 10 });
    expect(entries.map(({ action, source }) => `${action} ${source}`)).toEqual([
      'promote environment staging',
      'promote environment staging',
    ]);
    expect(entries.map(({ subject }) => subject.key)).toEqual(['dev', 'f']);
  });
});

describe('an export', () => {
  const exported = async (world: HandlerWorld, environment = world.environment) => {
    const answer = await world.handlers.transfer.export(exchangeOf({ environment }));
    if (answer.body.kind !== 'stream') throw new Error(answer.body.kind);
    const pieces: Buffer[] = [];
    for await (const piece of answer.body.pieces()) pieces.push(piece);
    return { text: Buffer.concat(pieces).toString(), headers: answer.headers };
  };

  it.each([
    ['dev', "attachment; filename*=UTF-8''dev.flags.json"],
    ["o'ne (two)*", "attachment; filename*=UTF-8''o%27ne%20%28two%29%2a.flags.json"],
    ['../../etc', "attachment; filename*=UTF-8''..%2F..%2Fetc.flags.json"],
    ['a"; x="b', "attachment; filename*=UTF-8''a%22%3B%20x%3D%22b.flags.json"],
    ['ключ', "attachment; filename*=UTF-8''%D0%BA%D0%BB%D1%8E%D1%87.flags.json"],
  ])('of %s is a file with a name that no header can be broken by', async (key, disposition) => {
    const world = await handlerWorld();
    const { headers } = await exported(world, { ...world.environment, key });
    expect(headers).toMatchObject({ 'content-disposition': disposition });
  });

  it('can be imported again, and is in the order of keys whatever the order of making', async () => {
    const world = await handlerWorld();
    for (const key of ['c', 'a', 'b']) await put(world, key, aFlag({ name: `the ${key}` }));
    const { text } = await exported(world);
    const file = JSON.parse(text);
    expect(file.flags.map(({ key }: { key: string }) => key)).toEqual(['a', 'b', 'c']);
    expect(text.split('\n').filter((line) => line.startsWith('{"')).length).toBe(4);
    for (const flag of file.flags) {
      for (const own of ['id', 'envId', 'createdAt', 'creatorId', 'updatedAt', 'updatorId'])
        expect(flag).not.toHaveProperty(own);
    }
    expect((await importing(world, file)).body.counts).toEqual({ created: 0, changed: 0, same: 3, faulty: 0 });
  });
});

describe('imports and exports at the same time', () => {
  const FULL = 24 * 1024 * 1024;

  it('share what may be in memory for them, by the size of the environment', async () => {
    const world = await handlerWorld();
    const taken: number[] = [];
    let given = 0;
    const files: Pick<FilePlaces, 'take'> = {
      take: async (_asking, bytes) => {
        taken.push(bytes);
        const end = () => {
          given += 1;
        };
        return { end } as Awaited<ReturnType<FilePlaces['take']>>;
      },
    };
    const { export: exporting, import: importing } = transferHandlers(world.storage, world.clock, files);
    const { environment } = world;
    await put(world, 'f', aFlag());
    const { bytes } = await world.storage.documents.usage(environment.id);
    const exported = await exporting(exchangeOf({ environment }));
    expect([taken, given]).toEqual([[bytes], 0]);
    exported.transfer?.end();
    await world.ask(importing, { body: FILE, query: 'dryRun=true' });
    await world.ask(importing, { body: FILE });
    // What is refused gives its place back too.
    expect((await world.ask(importing, { body: { ...FILE, flags: [{ key: 'bad' }] } })).status).toBe(400);
    expect(taken).toEqual([bytes, bytes, bytes, bytes]);
    expect(given).toBe(4);
  });

  it('are refused when nobody makes room, and nothing is changed', async () => {
    const world = await handlerWorld();
    const files = new FilePlaces(1);
    const handlers = transferHandlers(world.storage, world.clock, files);
    const value = 'x'.repeat(100_000);
    const variations = [
      { id: 'on', value },
      { id: 'off', value: '' },
    ];
    await put(world, 'long', aFlag({ variationType: 'string', variations }));
    const before = await contentOf(world);
    const full = await files.take({ address: '10.0.0.1', isGone: () => false }, FULL);
    const refused = { status: 503, body: { code: 'busy', message: expect.stringContaining('try again later') } };
    expect(await world.ask(handlers.import, { body: { ...FILE, flags: [{ key: 'new', ...aFlag() }] } })).toMatchObject(
      refused,
    );
    expect(await world.ask(handlers.export)).toMatchObject(refused);
    expect(await contentOf(world)).toEqual(before);
    full.end();
    expect((await world.ask(handlers.import, { body: FILE })).status).toBe(200);
  });

  it('are not done for somebody who has gone', async () => {
    const world = await handlerWorld();
    const handlers = transferHandlers(world.storage, world.clock, new FilePlaces());
    const gone = exchangeOf({ environment: world.environment, isGone: () => true });
    await expect(handlers.export(gone)).rejects.toMatchObject({ statusCode: 408 });
  });
});

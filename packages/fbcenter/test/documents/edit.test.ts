import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deleteArchived } from '../../src/documents/deletion.js';
import { type Edit, makeEdit, type Target } from '../../src/documents/edit.js';
import { put, setArchived, toggle } from '../../src/documents/edits.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Environment } from '../../src/model/environment.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { aFlag, aRule, aSegment } from '../support/documents.js';
import { anEnvironment } from '../support/environments.js';
import { FakeClock } from '../support/fake-clock.js';
import { evaluation } from '../support/tallies.js';

const using = (...ids: string[]) =>
  aFlag({ rules: [aRule({ property: 'User is in segment', op: null, value: JSON.stringify(ids) })] });

let clock: FakeClock;
let storage: Storage;
let environment: Environment;

beforeEach(async () => {
  clock = new FakeClock();
  storage = openSqliteStorage({ clock });
  environment = anEnvironment();
  await storage.environments.create(environment, []);
  onTestFinished(() => storage.close());
});

const flag = (key = 'f', expected?: number): Target => ({
  environment,
  kind: 'flag',
  key,
  precondition: expected === undefined ? undefined : (version) => version === expected,
  by: SETTINGS_TOKEN,
});
const segment = (key: string): Target => ({ ...flag(key), kind: 'segment' });

/** Makes an edit; the document as it is afterwards, parsed. */
async function make(edit: Edit): Promise<Record<string, unknown>> {
  return JSON.parse((await makeEdit(storage, edit)).document.text);
}

/** The code that an edit is refused with, with its faults; nothing is changed by it. */
async function refusalOf(edit: () => Edit): Promise<unknown> {
  const before = await storage.changes.everything(environment.id);
  const refusal = await (async () => makeEdit(storage, edit()))().catch((error: unknown) => error);
  expect(await storage.changes.everything(environment.id)).toEqual(before);
  const { code, faults } = refusal as { readonly code: string; readonly faults?: readonly { readonly code: string }[] };
  return faults === undefined ? code : [code, ...faults.map((fault) => fault.code)];
}

describe('putting a document', () => {
  it('creates it, then replaces it, and says what was there before', async () => {
    const created = await makeEdit(storage, put(flag(), aFlag()));
    expect(created.before).toBeUndefined();
    const replaced = await makeEdit(storage, put(flag(), aFlag({ name: 'renamed' })));
    expect(replaced.before).toEqual(created.document);
    expect(await storage.documents.get(environment.id, 'flag', 'f')).toEqual(replaced.document);
  });

  it('sets what the server decides, whatever was sent', async () => {
    clock.time += 1_000;
    const sent = { id: 'mine', envId: 'x', createdAt: 'x', updatedAt: 'x', creatorId: 'x', updatorId: 'x' };
    const first = await make(put(flag(), aFlag(sent)));
    const createdAt = new Date(clock.time).toISOString();
    expect(first).toMatchObject({
      id: 'mine',
      envId: environment.id,
      createdAt,
      updatedAt: createdAt,
      creatorId: 'admin',
      updatorId: 'admin',
    });
    clock.time += 5_000;
    const second = await make(put(flag(), aFlag({ id: 'another' })));
    expect(second).toMatchObject({ id: 'mine', createdAt, updatedAt: new Date(clock.time).toISOString() });
    expect(await make(put(segment('s'), aSegment({ id: 's' })))).toMatchObject({ id: 's', name: 's' });
  });

  it('makes an id up when none or a blank one was sent', async () => {
    for (const [index, id] of [undefined, '', ' ', 5, null].entries()) {
      const document = await make(put(flag(`f${index}`), aFlag(id === undefined ? {} : { id })));
      expect(document.id).toMatch(/^[\da-f-]{36}$/);
    }
  });

  it('gives the document a version that its text says too', async () => {
    const { document } = await makeEdit(storage, put(flag(), aFlag()));
    expect(Date.parse(JSON.parse(document.text).updatedAt)).toBe(document.version);
  });

  it('keeps the switch as it is unless it says otherwise', async () => {
    await make(put(flag(), aFlag({ isEnabled: true })));
    const { isEnabled: _, ...silent } = aFlag();
    expect(await make(put(flag(), silent))).toMatchObject({ isEnabled: true });
  });

  it('to an archived one has to say what becomes of the archive', async () => {
    await make(put(flag(), aFlag({ isArchived: true })));
    await expect(make(put(flag(), aFlag()))).rejects.toMatchObject({ code: 'archived' });
    expect(await make(put(flag(), aFlag({ isArchived: true })))).toMatchObject({ isArchived: true });
    expect(await make(put(flag(), aFlag({ isArchived: false })))).toMatchObject({ isArchived: false });
  });

  it.each<[string, () => Edit, unknown]>([
    ['a document with faults', () => put(flag(), aFlag({ tags: 5 })), ['invalid-document', 'wrong-type']],
    ['nothing', () => put(flag(), undefined), ['invalid-document', 'wrong-type']],
    ['a segment that is not there', () => put(flag(), using('nope')), ['invalid-document', 'unknown-segment']],
    ['an archived segment', () => put(flag(), using('gone')), ['invalid-document', 'archived-segment']],
    [
      'several of them',
      () => put(flag(), using('gone', 'vip', 'nope', 'gone')),
      ['invalid-document', 'archived-segment', 'unknown-segment', 'archived-segment'],
    ],
    [
      'brackets without end',
      () => put(flag(), JSON.parse(`${'['.repeat(101)}${']'.repeat(101)}`)),
      ['invalid-document', 'wrong-type'],
    ],
    ['a version where there is no document', () => put(flag('new', 5), aFlag()), 'version-mismatch'],
  ])('is refused for %s, and nothing is kept', async (_, edit, expected) => {
    await make(put(segment('vip'), aSegment()));
    await make(put(segment('gone'), aSegment({ isArchived: true })));
    expect(await refusalOf(edit)).toEqual(expected);
  });

  it('with the version that the document has is made, with any other it is refused', async () => {
    const { document } = await makeEdit(storage, put(flag(), aFlag()));
    const { document: second } = await makeEdit(storage, put(flag('f', document.version), aFlag()));
    expect(await refusalOf(() => put(flag('f', document.version), aFlag()))).toBe('version-mismatch');
    expect(await refusalOf(() => put(flag('f', second.version + 1), aFlag()))).toBe('version-mismatch');
    expect(await refusalOf(() => toggle(flag('f', document.version)))).toBe('version-mismatch');
    expect(await refusalOf(() => setArchived(flag('f', document.version), true))).toBe('version-mismatch');
  });

  it('by many at once with the same version is made once', async () => {
    const { document } = await makeEdit(storage, put(flag(), aFlag()));
    const edits = Array.from({ length: 10 }, (_, index) =>
      makeEdit(storage, put(flag('f', document.version), aFlag({ name: `n${index}` }))),
    );
    const outcomes = await Promise.allSettled(edits);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('switching a flag', () => {
  it.each<[boolean, boolean | undefined, boolean, boolean]>([
    [true, undefined, false, true],
    [false, undefined, true, true],
    [true, false, false, true],
    [false, true, true, true],
    [true, true, true, false],
    [false, false, false, false],
  ])('that is %s to %s makes it %s; changed: %s', async (isEnabled, wanted, after, isChanged) => {
    const { document } = await makeEdit(storage, put(flag(), aFlag({ isEnabled })));
    const edited = await makeEdit(storage, toggle(flag(), wanted));
    expect(JSON.parse(edited.document.text).isEnabled).toBe(after);
    expect(edited.document.version > document.version).toBe(isChanged);
    expect(edited.before).toEqual(document);
  });

  it('changes nothing else', async () => {
    const before = await make(put(flag(), aFlag({ description: 'mine', tags: ['a'] })));
    const after = await make(toggle(flag()));
    expect({ ...after, updatedAt: before.updatedAt }).toEqual({ ...before, isEnabled: false });
  });

  it('is possible although the flag would be refused if it were sent today', async () => {
    const text = (version: number) => JSON.stringify({ key: 'old', isEnabled: true, updatedAt: new Date(version) });
    await storage.documents.write(environment.id, { kind: 'flag', key: 'old', isArchived: false, text });
    expect(await make(toggle(flag('old'), false))).toMatchObject({ key: 'old', isEnabled: false });
  });

  it.each<[string, () => Edit, string]>([
    ['is not there', () => toggle(flag('nope')), 'not-found'],
    ['is not there, whatever version it is to have', () => toggle(flag('nope', 5)), 'not-found'],
    ['is archived', () => toggle(flag('archived')), 'archived'],
    ['is archived and in that state', () => toggle(flag('archived'), true), 'archived'],
  ])('that %s is refused', async (_, edit, code) => {
    await make(put(flag('archived'), aFlag({ isArchived: true })));
    expect(await refusalOf(edit)).toBe(code);
  });
});

describe('archiving and restoring', () => {
  it('changes that and nothing else, once', async () => {
    const created = await make(put(flag(), aFlag()));
    const archived = await makeEdit(storage, setArchived(flag(), true));
    expect(archived.document.isArchived).toBe(true);
    const again = await makeEdit(storage, setArchived(flag(), true));
    expect(again.document).toEqual(archived.document);
    const restored = await make(setArchived(flag(), false));
    expect({ ...restored, updatedAt: created.updatedAt }).toEqual(created);
  });

  it.each(['flag', 'segment'] as const)('a %s that is not there is refused', async (kind) => {
    for (const isArchived of [true, false]) {
      expect(await refusalOf(() => setArchived({ ...flag('nope'), kind }, isArchived))).toBe('not-found');
    }
  });

  it('a segment is refused while an active flag uses it, whichever way it is to be archived', async () => {
    await make(put(segment('vip'), aSegment()));
    await make(put(flag('user'), using('vip')));
    await make(put(flag('bystander'), aFlag()));
    expect(await refusalOf(() => setArchived(segment('vip'), true))).toBe('segment-in-use');
    expect(await refusalOf(() => put(segment('vip'), aSegment({ isArchived: true })))).toBe('segment-in-use');
    await make(put(segment('vip'), aSegment({ included: ['new'] })));
    await make(setArchived(flag('user'), true));
    expect(await make(setArchived(segment('vip'), true))).toMatchObject({ isArchived: true });
  });

  it('a segment is not refused for flags of another environment', async () => {
    const other = anEnvironment();
    await storage.environments.create(other, []);
    await make(put(segment('vip'), aSegment()));
    await makeEdit(storage, put({ ...segment('vip'), environment: other }, aSegment()));
    await makeEdit(storage, put({ ...flag(), environment: other }, using('vip')));
    expect(await make(setArchived(segment('vip'), true))).toMatchObject({ isArchived: true });
  });

  it('a flag is not restored while a segment that it uses is archived', async () => {
    await make(put(segment('vip'), aSegment()));
    await make(put(flag(), using('vip')));
    await make(setArchived(flag(), true));
    await make(setArchived(segment('vip'), true));
    expect(await refusalOf(() => setArchived(flag(), false))).toEqual(['invalid-document', 'archived-segment']);
    await make(setArchived(segment('vip'), false));
    expect(await make(setArchived(flag(), false))).toMatchObject({ isArchived: false });
  });
});

describe('a change that takes long to judge', () => {
  /** What happens between the reading of the document and its writing. */
  const meanwhile = (
    ...events: readonly (() => Promise<unknown>)[]
  ): Pick<Storage, 'documents' | 'audit' | 'transact'> => {
    const left = [...events];
    return {
      documents: storage.documents,
      audit: storage.audit,
      transact: async (work) => {
        await left.shift()?.();
        return storage.transact(work);
      },
    };
  };
  const switched = (isEnabled: boolean) => () => makeEdit(storage, toggle(flag(), isEnabled));

  it('is judged while others write, and anew when the document itself has changed', async () => {
    await make(put(flag(), aFlag({ isEnabled: false })));
    const sent = aFlag({ name: 'renamed' });
    delete (sent as Record<string, unknown>).isEnabled;
    const { document } = await makeEdit(
      meanwhile(
        () => make(put(flag('other'), aFlag())),
        async () => {},
      ),
      put(flag(), sent),
    );
    expect(JSON.parse(document.text)).toMatchObject({ name: 'renamed', isEnabled: false });
    const later = await makeEdit(meanwhile(switched(true)), put(flag(), sent));
    expect(JSON.parse(later.document.text)).toMatchObject({ name: 'renamed', isEnabled: true });
    expect(JSON.parse(later.before?.text ?? '')).toMatchObject({ isEnabled: true });
  });

  it('is refused when the document has another version by then', async () => {
    const { document } = await makeEdit(storage, put(flag(), aFlag({ isEnabled: false })));
    const edit = put(flag('f', document.version), aFlag());
    await expect(makeEdit(meanwhile(switched(true)), edit)).rejects.toMatchObject({ code: 'version-mismatch' });
  });

  it('is refused as busy when the document changes each time', async () => {
    await make(put(flag(), aFlag({ isEnabled: false })));
    const events = Array.from({ length: 9 }, (_, index) => switched(index % 2 === 0));
    await expect(makeEdit(meanwhile(...events), put(flag(), aFlag()))).rejects.toMatchObject({ code: 'busy' });
  });

  it('gives the event loop its turns between patterns, which are tried before the transaction', async () => {
    const conditions = Array.from({ length: 200 }, (_, index) => ({
      property: 'email',
      op: 'MatchRegex',
      value: `^(?:user|guest)-${index}-[a-z]{2,20}@(?:example|sample)\\.(?:org|com)$`,
    }));
    let turns = 0;
    let isOver = false;
    const tick = (): void => {
      turns += 1;
      if (!isOver) setImmediate(tick);
    };
    let turnsBeforeTransaction = 0;
    const watched = meanwhile(async () => {
      turnsBeforeTransaction = turns;
    });
    setImmediate(tick);
    await makeEdit(watched, put(flag(), aFlag({ rules: [{ ...aRule({}), conditions }] })));
    isOver = true;
    expect(turnsBeforeTransaction).toBeGreaterThan(2);
  });
});

describe('an environment', () => {
  const limits = { documents: 3, bytes: 100_000 };
  const fill = (key: string, size = 10) => makeEdit(storage, put(flag(key), aFlag({ note: 'x'.repeat(size) })), limits);

  it('takes no more documents than allowed, and makes room by what is deleted', async () => {
    for (const key of ['a', 'b', 'c']) await fill(key);
    await expect(fill('d')).rejects.toMatchObject({
      code: 'limit-reached',
      message: expect.stringContaining('3 flags'),
    });
    expect(await storage.documents.get(environment.id, 'flag', 'd')).toBeUndefined();
    await fill('a', 5);
    await make(setArchived(flag('c'), true));
    await deleteArchived(storage, flag('c'));
    await fill('d');
  });

  it('takes no more bytes than allowed; what makes it no larger goes through', async () => {
    await fill('a', 60_000);
    await expect(fill('b', 60_000)).rejects.toMatchObject({ code: 'limit-reached' });
    await expect(fill('a', 120_000)).rejects.toMatchObject({ code: 'limit-reached' });
    await storage.documents.write(environment.id, {
      kind: 'flag',
      key: 'huge',
      isArchived: false,
      text: (version) => JSON.stringify({ ...aFlag(), isEnabled: true, note: 'x'.repeat(200_000), version }),
    });
    await make(toggle(flag('huge'), false));
    await fill('a', 50_000);
    await make(setArchived(flag('huge'), true));
    await deleteArchived(storage, flag('huge'));
    await fill('b', 10);
  });
});

describe('deleting a document', () => {
  it.each<[string, () => Target, string]>([
    ['that is not there', () => flag('nope'), 'not-found'],
    ['that is not archived', () => flag('active'), 'not-archived'],
    ['of another version', () => flag('archived', 5), 'version-mismatch'],
  ])('%s is refused', async (_, target, code) => {
    await make(put(flag('active'), aFlag()));
    await make(put(flag('archived'), aFlag({ isArchived: true })));
    await expect(deleteArchived(storage, target())).rejects.toMatchObject({ code });
    expect(await storage.documents.list(environment.id, 'flag', {})).toHaveLength(2);
  });

  it('takes what was counted for the flag with it', async () => {
    await make(put(flag('gone'), aFlag({ isArchived: true })));
    const tally = {
      evaluations: [evaluation('gone', 'on'), evaluation('kept', 'on')],
      metrics: [],
      identifications: 0,
      rejected: 0,
    };
    await storage.insights.record(new Map([[environment.id, tally]]));
    await deleteArchived(storage, flag('gone'));
    expect((await storage.insights.report(environment.id)).evaluations.map(({ flagKey }) => flagKey)).toEqual(['kept']);
  });
});

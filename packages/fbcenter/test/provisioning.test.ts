import { describe, expect, it, onTestFinished } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import type { EnvironmentOptions } from '../src/environment-options.js';
import { InvalidConfigError } from '../src/errors.js';
import { ensureEnvironments, keptAdminToken } from '../src/provisioning.js';
import { openSqliteStorage } from '../src/storage/sqlite/open.js';
import { aFlag, aSegment } from './support/documents.js';

function open() {
  const storage = openSqliteStorage();
  onTestFinished(() => storage.close());
  const provision = (...environments: readonly EnvironmentOptions[]) => ensureEnvironments(environments, storage);
  const ensure = async (...environments: readonly EnvironmentOptions[]) =>
    (await provision(...environments)).environments;
  return { storage, ensure, provision };
}

/** The options that are refused, with why. */
async function problemsOf(ensuring: Promise<unknown>): Promise<readonly string[]> {
  const error = await ensuring.catch((reason: unknown) => reason);
  if (!(error instanceof InvalidConfigError)) throw new Error(`not refused: ${error}`);
  return error.problems.map(({ option, message }) => `${option}: ${message}`);
}

const SECRET = newSecret('11111111-1111-4111-8111-111111111111');
const OTHER = newSecret('22222222-2222-4222-8222-222222222222');

describe('the access token', () => {
  it('is made once and kept', async () => {
    const { storage } = open();
    const { token, isNew } = await keptAdminToken(storage.settings);
    expect([token, isNew]).toEqual([expect.stringMatching(/^[\w-]{43}$/), true]);
    expect(await keptAdminToken(storage.settings)).toEqual({ token, isNew: false });
    expect((await keptAdminToken(open().storage.settings)).token).not.toBe(token);
  });
});

describe('the environments of the options', () => {
  it('are made with what is given and with new secrets for what is not', async () => {
    const { ensure } = open();
    const [dev, prod] = await ensure({ key: 'dev' }, { key: 'prod', name: 'Production', serverSecret: SECRET });
    expect(dev).toMatchObject({ key: 'dev', name: 'dev' });
    expect(prod).toMatchObject({ key: 'prod', name: 'Production', serverSecret: SECRET });
    const secrets = [dev?.serverSecret, dev?.clientSecret, prod?.serverSecret, prod?.clientSecret];
    expect(new Set(secrets).size).toBe(4);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{44}$/);
  });

  it('come first, in their order, before those that are there already', async () => {
    const { ensure } = open();
    await ensure({ key: 'a' }, { key: 'b' }, { key: 'z' });
    const keys = async (...names: string[]) => (await ensure(...names.map((key) => ({ key })))).map(({ key }) => key);
    expect(await keys('z', 'c')).toEqual(['z', 'c', 'a', 'b']);
    expect(await keys()).toEqual(['a', 'b', 'c', 'z']);
  });

  it('that are there keep their name, secrets and documents', async () => {
    const { storage, ensure } = open();
    const [first] = await ensure({ key: 'dev', name: 'First', flags: [{ key: 'f', ...aFlag() }] });
    const [again] = await ensure({ key: 'dev', name: 'Second', flags: [{ key: 'g', ...aFlag() }] });
    expect(again).toEqual(first);
    const flags = await storage.documents.list(first?.id ?? '', 'flag', {});
    expect(flags.map(({ key }) => key)).toEqual(['f']);
  });

  it('that are there get the secrets that are given beside their own, and show those', async () => {
    const { storage, ensure } = open();
    const [first] = await ensure({ key: 'dev' });
    const id = first?.id ?? '';
    expect(await ensure({ key: 'dev', serverSecret: SECRET })).toEqual([{ ...first, serverSecret: SECRET }]);
    const both = { serverSecret: SECRET, clientSecret: OTHER };
    expect(await ensure({ key: 'dev', clientSecret: OTHER })).toEqual([{ ...first, ...both }]);
    expect(await ensure({ key: 'dev', ...both })).toEqual([{ ...first, ...both }]);
    expect(await storage.secrets.list(id)).toHaveLength(4);
    expect((await storage.secrets.byValue(first?.serverSecret ?? ''))?.environment.key).toBe('dev');
  });

  it.each<[string, readonly string[] | undefined, readonly string[], string]>([
    ['when it is new', undefined, [SECRET, OTHER], SECRET],
    ['after the first of them', [SECRET], [SECRET, OTHER], SECRET],
    ['after the second of them', [OTHER], [SECRET, OTHER], SECRET],
    ['after both of them', [OTHER, SECRET], [SECRET, OTHER], SECRET],
  ])('get several secrets of a kind %s; all count, the first is shown', async (_, before, given, shown) => {
    const { storage, ensure } = open();
    if (before !== undefined) await ensure({ key: 'dev', serverSecret: before });
    const [dev] = await ensure({ key: 'dev', serverSecret: given });
    expect(dev?.serverSecret).toBe(shown);
    for (const secret of given) expect((await storage.secrets.byValue(secret))?.kind).toBe('server');
    const values = (await storage.secrets.list(dev?.id ?? '')).filter(({ kind }) => kind === 'server');
    expect(values.map(({ value }) => value).sort()).toEqual([...given].sort());
  });

  it('are said to be new only when they were made, and secrets to be left over only beside others that are given', async () => {
    const { storage, provision } = open();
    expect(await provision({ key: 'dev', serverSecret: SECRET })).toMatchObject({ made: ['dev'], leftOver: [] });
    const [dev] = await storage.environments.list();
    await storage.secrets.add(dev?.id ?? '', { kind: 'server', name: 'of a person', value: newSecret(dev?.id ?? '') });
    expect(await provision({ key: 'dev' })).toMatchObject({ made: [], leftOver: [] });
    const { made, leftOver } = await provision({ key: 'dev', serverSecret: OTHER }, { key: 'new' });
    expect(made).toEqual(['new']);
    expect(leftOver.map(({ environment, secret }) => [environment, secret.value])).toEqual([['dev', SECRET]]);
    expect((await provision({ key: 'dev', serverSecret: [SECRET, OTHER] })).leftOver).toEqual([]);
  });

  it('begin with the documents that are given, by whoever set the center up', async () => {
    const { storage, ensure } = open();
    const [dev] = await ensure({
      key: 'dev',
      flags: [{ key: 'f', ...aFlag() }],
      segments: [{ id: 's', ...aSegment() }],
    });
    const { documents } = await storage.changes.everything(dev?.id ?? '');
    expect(documents.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['segment s', 'flag f']);
    for (const { text, version } of documents) {
      const document = JSON.parse(text);
      expect(document).toMatchObject({ envId: dev?.id, creatorId: 'admin', updatorId: 'admin' });
      expect(Date.parse(document.updatedAt)).toBe(version);
    }
  });

  it.each<[string, EnvironmentOptions, readonly string[]]>([
    [
      'whose new secret belongs to another',
      { key: 'new', serverSecret: SECRET },
      ['environments[1].serverSecret: is in use for something else'],
    ],
    [
      'that is there and wants a secret of another',
      { key: 'other', clientSecret: SECRET },
      ['environments[1].clientSecret: is in use for something else'],
    ],
    [
      'that is new and of whose secrets one belongs to another',
      { key: 'new', serverSecret: [OTHER, SECRET] },
      ['environments[1].serverSecret: is in use for something else'],
    ],
    [
      'that begins with a document with faults',
      { key: 'new', flags: [{ key: 'f', ...aFlag({ tags: 5 }) }], segments: [{ id: ' ' }] },
      [
        'environments[1].segments[0].id: Must not be blank.',
        'environments[1].flags[0].tags: Expected an array, got a number.',
      ],
    ],
  ])('%s are refused, each problem by its option, without the secret', async (_, options, expected) => {
    const { storage, ensure } = open();
    await ensure({ key: 'dev', serverSecret: SECRET }, { key: 'other' });
    const before = await storage.environments.list();
    const problems = await problemsOf(ensure({ key: 'dev' }, options));
    expect(problems).toEqual(expected);
    expect(problems.join()).not.toContain(SECRET);
    expect(await storage.environments.list()).toEqual(before);
  });
});

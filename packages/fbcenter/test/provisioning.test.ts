import { describe, expect, it, onTestFinished } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { InvalidConfigError } from '../src/errors.js';
import type { EnvironmentOptions } from '../src/options.js';
import { ensureEnvironments, keptAdminToken } from '../src/provisioning.js';
import { openSqliteStorage } from '../src/storage/sqlite/open.js';
import { aFlag, aSegment } from './support/documents.js';

function open() {
  const storage = openSqliteStorage();
  onTestFinished(() => storage.close());
  const ensure = (...environments: readonly EnvironmentOptions[]) =>
    ensureEnvironments(environments, storage.environments);
  return { storage, ensure };
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
    const token = await keptAdminToken(storage.settings);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await keptAdminToken(storage.settings)).toBe(token);
    expect(await keptAdminToken(open().storage.settings)).not.toBe(token);
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

  it('that are there get the secrets that are given, each kind by itself', async () => {
    const { storage, ensure } = open();
    const [first] = await ensure({ key: 'dev' });
    expect(await ensure({ key: 'dev', serverSecret: SECRET })).toEqual([{ ...first, serverSecret: SECRET }]);
    const both = { serverSecret: SECRET, clientSecret: OTHER };
    expect(await ensure({ key: 'dev', clientSecret: OTHER })).toEqual([{ ...first, ...both }]);
    expect(await ensure({ key: 'dev', ...both })).toEqual([{ ...first, ...both }]);
    expect(await storage.environments.bySecret(first?.serverSecret ?? '')).toBeUndefined();
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
      ['environments[1]: another environment has one of its secrets'],
    ],
    [
      'that is there and wants a secret of another',
      { key: 'other', clientSecret: SECRET },
      ['environments[1].clientSecret: is in use for something else'],
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

import { describe, expect, it } from 'vitest';
import { CENTER, SETTINGS_TOKEN } from '../../../src/model/actor.js';
import { AUDIT_LIMITS, type AuditDraft, type AuditQuery } from '../../../src/model/audit.js';
import type { SetUp } from './subject.js';

const ADA = { kind: 'user', id: 'u1', name: 'Ada' } as const;

/** An entry that says little. */
const aDraft = (overrides: Partial<AuditDraft> = {}): AuditDraft => ({
  actor: ADA,
  action: 'create',
  subject: { kind: 'token', key: 't1' },
  ...overrides,
});

/** What every storage must do with the audit log. */
export function auditContract(setUp: SetUp): void {
  describe('the audit log', () => {
    it('has who did what, when, to what, what it was like before and after, and why', async () => {
      const { storage, clock } = await setUp();
      const draft = aDraft({
        action: 'update',
        subject: { kind: 'token', key: 't1', environment: 'prod' },
        before: { name: 'CI', role: 'editor', environments: ['a'] },
        after: { name: 'CI', role: 'viewer', environments: ['a'] },
        comment: 'It only reads',
        group: 'g1',
        source: 'file',
      });
      const { id } = await storage.audit.append(draft);
      const { before, after, ...entry } = draft;
      const kept = { ...entry, id, at: clock.time, fields: ['role'], beforeVersion: undefined, version: undefined };
      expect(await storage.audit.list({ limit: 10 })).toEqual([kept]);
      expect(await storage.audit.get(id)).toEqual({
        ...kept,
        before: JSON.stringify(before),
        after: JSON.stringify(after),
      });
      expect(await storage.audit.get(id + 1)).toBeUndefined();
    });

    it('is in the order in which it was written, the newest first, whatever the clock does', async () => {
      const { storage, clock } = await setUp();
      const start = clock.time;
      for (const [key, time] of [
        ['a', start],
        ['b', start - 5_000],
        ['c', start + 10],
      ] as const) {
        clock.time = time;
        await storage.audit.append(aDraft({ subject: { kind: 'token', key } }));
      }
      const entries = await storage.audit.list({ limit: 10 });
      expect(entries.map(({ subject }) => subject.key)).toEqual(['c', 'b', 'a']);
      expect(entries.map(({ at }) => at)).toEqual([start + 10, start, start]);
    });

    it.each<[string, Omit<AuditQuery, 'limit'>, string[]]>([
      ['nothing', {}, ['d', 'c', 'b', 'a']],
      ['the id of who did it', { actor: 'u1' }, ['d', 'a']],
      ['the name of who did it', { actor: 'Ada' }, ['d', 'a']],
      ['what was done', { action: 'delete' }, ['b']],
      ['the kind', { kind: 'token' }, ['d', 'c', 'a']],
      ['the key', { key: 'c' }, ['c']],
      ['the environment', { environment: 'prod' }, ['d', 'b']],
      ['the group', { group: 'g1' }, ['c', 'b']],
      ['a time from which on', { from: 1_700_000_000_020 }, ['d', 'c']],
      ['a time before which', { to: 1_700_000_000_010 }, ['a']],
      ['several at once', { actor: 'u1', environment: 'prod', from: 1_700_000_000_000 }, ['d']],
      ['something that nobody did', { action: 'create', key: 'nope' }, []],
      ['what looks like SQL', { actor: "' OR 1=1 --" }, []],
    ])('is found by %s', async (_, query, keys) => {
      const { storage } = await setUp();
      const rows: readonly [key: string, draft: Partial<AuditDraft>][] = [
        ['a', {}],
        [
          'b',
          { actor: CENTER, action: 'delete', group: 'g1', subject: { kind: 'user', key: 'b', environment: 'prod' } },
        ],
        ['c', { actor: SETTINGS_TOKEN, group: 'g1' }],
        ['d', { subject: { kind: 'token', key: 'd', environment: 'prod' } }],
      ];
      for (const [index, [key, draft]] of rows.entries()) {
        const at = 1_700_000_000_000 + index * 10;
        await storage.audit.append(aDraft({ subject: { kind: 'token', key }, at, ...draft }));
      }
      const found = await storage.audit.list({ ...query, limit: 10 });
      expect(found.map(({ subject }) => subject.key)).toEqual(keys);
    });

    it('is read in pages, which new entries do not shift', async () => {
      const { storage } = await setUp();
      const append = (key: string) => storage.audit.append(aDraft({ subject: { kind: 'token', key } }));
      for (const key of ['a', 'b', 'c', 'd', 'e']) await append(key);
      const first = await storage.audit.list({ limit: 2 });
      await append('f');
      const second = await storage.audit.list({ limit: 2, olderThan: first.at(-1)?.id });
      const third = await storage.audit.list({ limit: 2, olderThan: second.at(-1)?.id });
      expect([first, second, third].map((page) => page.map(({ subject }) => subject.key))).toEqual([
        ['e', 'd'],
        ['c', 'b'],
        ['a'],
      ]);
    });

    it('is there with what it is about, or neither is', async () => {
      const { storage } = await setUp();
      const undone = storage.transact(async ({ settings, audit }) => {
        await settings.save('name', 'value');
        await audit.append(aDraft());
        throw new Error('undo');
      });
      await expect(undone).rejects.toThrow('undo');
      expect(await storage.audit.list({ limit: 10 })).toEqual([]);
      await storage.transact(async ({ settings, audit }) => {
        await settings.save('name', 'value');
        await audit.append(aDraft());
      });
      expect(await storage.audit.list({ limit: 10 })).toHaveLength(1);
      expect(await storage.settings.get('name')).toBe('value');
    });

    it('takes nothing with it when one of its own steps fails', async () => {
      const { storage, breakStep } = await setUp();
      for (let step = 0, isReached = true; isReached; step++) {
        const name = `setting-${step}`;
        const mend = breakStep(step);
        const [outcome] = await Promise.allSettled([
          storage.transact(async ({ settings, audit }) => {
            await settings.save(name, 'value');
            await audit.append(aDraft({ subject: { kind: 'setting', key: name }, after: { step } }));
          }),
        ]);
        isReached = mend();
        const isKept = outcome.status === 'fulfilled';
        const entries = await storage.audit.list({ key: name, limit: 10 });
        expect([(await storage.settings.get(name)) !== undefined, entries.length], `step ${step}`).toEqual([
          isKept,
          isKept ? 1 : 0,
        ]);
      }
    });

    it('has every version of a document, and who made it', async () => {
      const { storage, environment, clock, write } = await setUp();
      const versions: { readonly version: number; readonly text: string }[] = [];
      for (const [index, name] of ['Ada', 'Grace', 'Ada'].entries()) {
        clock.time += 100;
        const after = await write('f');
        await storage.audit.appendDocument({
          actor: { ...ADA, name },
          action: index === 0 ? 'create' : 'update',
          environment: environment.key,
          kind: 'flag',
          key: 'f',
          before: versions.at(-1),
          after,
          fields: ['rules'],
        });
        versions.push(after);
      }
      const { audit } = storage;
      for (const [index, { version, text }] of versions.entries()) {
        expect(await audit.documentAt(environment.key, 'flag', 'f', version)).toBe(text);
        const entry = await audit.entryOf(environment.key, 'flag', 'f', version);
        expect(entry?.actor.name).toBe(['Ada', 'Grace', 'Ada'][index]);
        expect([entry?.beforeVersion, entry?.version]).toEqual([versions[index - 1]?.version, version]);
      }
      const newest = versions.at(-1)?.version ?? 0;
      for (const [where, kind, key, version] of [
        ['other', 'flag', 'f', newest],
        [environment.key, 'segment', 'f', newest],
        [environment.key, 'flag', 'g', newest],
        [environment.key, 'flag', 'f', newest + 1],
      ] as const) {
        expect(await audit.documentAt(where, kind, key, version)).toBeUndefined();
        expect(await audit.entryOf(where, kind, key, version)).toBeUndefined();
      }
    });

    it('has the document of before the log, although nobody is known to have made it', async () => {
      const { storage, environment, clock, write } = await setUp();
      const before = await write('f');
      clock.time += 100;
      const after = await write('f');
      const { key: environmentKey } = environment;
      const draft = { actor: ADA, action: 'delete', environment: environmentKey, kind: 'flag', key: 'f' } as const;
      await storage.audit.appendDocument({ ...draft, before, after, fields: [] });
      expect(await storage.audit.documentAt(environmentKey, 'flag', 'f', before.version)).toBe(before.text);
      expect(await storage.audit.entryOf(environmentKey, 'flag', 'f', before.version)).toBeUndefined();
    });

    it('is bounded: long texts are cut, without half a character, and a long state is left out', async () => {
      const { storage } = await setUp();
      const long = '🚩'.repeat(100_000);
      const { id } = await storage.audit.append({
        actor: { kind: 'user', id: long, name: long },
        action: long,
        subject: { kind: long, key: long },
        before: { long },
        after: Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field-${index}`, index])),
        comment: long,
        group: long,
        source: long,
      });
      const kept = await storage.audit.get(id);
      const lengths = {
        actor: [kept?.actor.id, kept?.actor.name],
        action: [kept?.action],
        kind: [kept?.subject.kind],
        key: [kept?.subject.key],
        comment: [kept?.comment],
        group: [kept?.group],
        source: [kept?.source],
      };
      for (const [name, texts] of Object.entries(lengths)) {
        for (const text of texts) {
          expect(text?.length, name).toBeLessThanOrEqual(AUDIT_LIMITS[name as keyof typeof lengths]);
          expect(text?.isWellFormed(), name).toBe(true);
          expect(text?.at(-1), name).toBe('…');
        }
      }
      expect(kept?.fields).toHaveLength(AUDIT_LIMITS.fields);
      expect(JSON.parse(kept?.before ?? '')).toEqual({ tooLong: true, length: expect.any(Number) });
    });

    it('keeps no credential, whoever writes one down', async () => {
      const { storage } = await setUp();
      const credential = 'do-not-keep-me';
      const state = {
        serverSecret: credential,
        clientSecret: credential,
        token: credential,
        nested: [{ password: credential, accessToken: credential, secret: credential }],
        secretId: 'kept',
        name: 'kept',
      };
      const { id } = await storage.audit.append(aDraft({ before: state, after: state }));
      const detail = await storage.audit.get(id);
      expect(JSON.stringify(detail)).not.toContain(credential);
      expect(JSON.parse(detail?.after ?? '')).toMatchObject({ secretId: 'kept', name: 'kept', token: 'not kept' });
    });

    it('forgets what is older than a time, and says so', async () => {
      const { storage, clock } = await setUp();
      const start = clock.time;
      for (const key of ['a', 'b', 'c']) {
        await storage.audit.append(aDraft({ subject: { kind: 'token', key }, after: { key } }));
        clock.time += 1_000;
      }
      expect(await storage.audit.forgetBefore(start)).toBe(0);
      expect(await storage.audit.list({ limit: 10 })).toHaveLength(3);
      expect(await storage.audit.forgetBefore(start + 1_001)).toBe(2);
      const entries = await storage.audit.list({ limit: 10 });
      expect(entries.map(({ action, subject }) => [action, subject.key])).toEqual([
        ['prune', 'audit'],
        ['create', 'c'],
      ]);
      const [prune, c] = entries;
      expect(prune?.actor).toEqual(CENTER);
      const { after = '' } = (await storage.audit.get(prune?.id ?? 0)) ?? {};
      expect(JSON.parse(after)).toEqual({ before: new Date(start + 1_001).toISOString(), entries: 2 });
      expect((await storage.audit.get(c?.id ?? 0))?.after).toBe('{"key":"c"}');
      expect(await storage.audit.forgetBefore(start + 1_001)).toBe(0);
    });

    it('forgets thousands of entries as it forgets two, and what they say where nothing else says it', async () => {
      const { storage, clock } = await setUp();
      const start = clock.time;
      const old = await storage.transact(async ({ audit }) => {
        const ids: number[] = [];
        for (let index = 0; index < 120; index++) {
          const after = { value: index % 50 };
          ids.push((await audit.append(aDraft({ at: start + index, action: 'update', after }))).id);
        }
        return ids;
      });
      const kept = await storage.audit.append(aDraft({ at: start + 1_000, before: { value: 5 }, after: { value: 6 } }));
      clock.time = start + 2_000;
      expect(await storage.audit.forgetBefore(start + 500)).toBe(120);
      expect((await storage.audit.list({ limit: 1_000 })).map(({ action }) => action)).toEqual(['prune', 'create']);
      expect(await storage.audit.list({ limit: 10, olderThan: old.at(-1) })).toEqual([]);
      expect([await storage.audit.get(old[0] ?? 0), await storage.audit.get(old.at(-1) ?? 0)]).toEqual([
        undefined,
        undefined,
      ]);
      const { before, after } = (await storage.audit.get(kept.id)) ?? {};
      expect([before, after]).toEqual(['{"value":5}', '{"value":6}']);
      expect(await storage.audit.forgetBefore(start + 500)).toBe(0);
    });

    it('outlives a restart, and goes on where it was', async ({ skip }) => {
      const { storage, reopen } = await setUp();
      if (reopen === undefined) return skip('nothing outlives this storage');
      const first = await storage.audit.append(aDraft());
      const again = await reopen();
      expect(await again.audit.list({ limit: 10 })).toEqual([first]);
      expect((await again.audit.append(aDraft())).id).toBeGreaterThan(first.id);
    });
  });
}

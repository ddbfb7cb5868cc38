import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Commit } from '../../src/model/change-log.js';
import type { DocumentKind, StoredDocument } from '../../src/model/document.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { aDraft, anEnvironment } from '../support/environments.js';
import { FakeClock } from '../support/fake-clock.js';
import { check } from '../support/property.js';

const KEPT = 3;

/** What a storage with one environment should hold, kept as simply as can be. */
class Model {
  readonly documents = new Map<string, StoredDocument>();
  readonly reported: string[] = [];
  versions: number[] = [];
  last: number;

  constructor(now: number) {
    this.last = now;
  }

  write(kind: DocumentKind, key: string, isArchived: boolean, now: number): StoredDocument {
    const version = Math.max(now, this.last + 1);
    const document = { kind, key, version, isArchived, text: aDraft(key, kind, isArchived).text(version) };
    this.last = version;
    this.versions = [...this.versions, version].slice(-KEPT);
    this.documents.set(`${kind} ${key}`, document);
    return document;
  }

  /** The same state, to be changed by a transaction that may be undone. */
  copy(): Model {
    const copy = new Model(this.last);
    for (const [name, document] of this.documents) copy.documents.set(name, document);
    copy.versions = this.versions;
    return copy;
  }

  newerThan(version: number): readonly StoredDocument[] {
    return [...this.documents.values()].filter((one) => one.version > version).sort((a, b) => a.version - b.version);
  }

  get cursor(): number {
    return Math.max(0, ...[...this.documents.values()].map(({ version }) => version));
  }
}

const kind = fc.constantFrom<DocumentKind>('flag', 'segment');
const key = fc.constantFrom('a', 'B', '__proto__', 'ключ');
const draft = fc.record({ kind, key, isArchived: fc.boolean() });
const step = fc.oneof(
  fc.record({ does: fc.constant('write' as const), draft }),
  fc.record({ does: fc.constant('transact' as const), drafts: fc.array(draft, { maxLength: 4 }), fails: fc.boolean() }),
  fc.record({ does: fc.constant('clock' as const), by: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ does: fc.constant('since' as const), back: fc.nat(5), off: fc.nat(1) }),
);

describe('the storage', () => {
  it('does what a simple model of it does, whatever the order', async () => {
    await check(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const clock = new FakeClock();
        const storage = openSqliteStorage({ clock, keptVersions: KEPT });
        const environment = anEnvironment();
        await storage.environments.create(environment, []);
        let model = new Model(clock.now());
        const commits: Commit[] = [];
        const expected: StoredDocument[] = [];
        storage.changes.watch((commit) => commits.push(commit));
        try {
          for (const action of steps) {
            if (action.does === 'clock') {
              clock.time += action.by;
            } else if (action.does === 'write') {
              const { draft: wanted } = action;
              const written = await storage.documents.write(
                environment.id,
                aDraft(wanted.key, wanted.kind, wanted.isArchived),
              );
              const document = model.write(wanted.kind, wanted.key, wanted.isArchived, clock.now());
              expect(written).toEqual(document);
              expected.push(document);
            } else if (action.does === 'transact') {
              const next = model.copy();
              const documents = action.drafts.map((one) => next.write(one.kind, one.key, one.isArchived, clock.now()));
              const outcome = await transact(storage, environment.id, action);
              expect(outcome).toBe(action.fails ? 'undone' : 'kept');
              if (!action.fails) {
                model = next;
                expected.push(...documents);
              }
            } else {
              const cursor = (model.versions.at(-1 - action.back) ?? 0) + action.off;
              const isKnown = model.versions.includes(cursor);
              expect(await storage.changes.since(environment.id, cursor)).toEqual(
                isKnown ? { cursor: model.cursor, documents: model.newerThan(cursor) } : undefined,
              );
            }
          }
          expect(await storage.changes.everything(environment.id)).toEqual({
            cursor: model.cursor,
            documents: model.newerThan(0),
          });
          expect(commits.map(({ version, key: name }) => [version, name])).toEqual(
            expected.map(({ version, key: name }) => [version, name]),
          );
        } finally {
          await storage.close();
        }
      }),
      60,
    );
  });
});

/** One transaction with several writes; it throws at its end when it is to fail. */
async function transact(
  storage: Storage,
  environmentId: string,
  {
    drafts,
    fails,
  }: { readonly drafts: readonly { kind: DocumentKind; key: string; isArchived: boolean }[]; readonly fails: boolean },
): Promise<'kept' | 'undone'> {
  try {
    await storage.transact(async ({ documents }) => {
      for (const one of drafts) await documents.write(environmentId, aDraft(one.key, one.kind, one.isArchived));
      if (fails) throw new Error('undo');
    });
    return 'kept';
  } catch {
    return 'undone';
  }
}

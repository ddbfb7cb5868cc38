import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Replica, type ReplicaChange, type UpstreamDocument } from '../../src/relay/replica.js';
import { check } from '../support/property.js';

/** Texts begin with what they say to evaluation; what comes after a bar does not count. */
const newReplica = () => new Replica((_kind, one, other) => one.split('|')[0] === other.split('|')[0]);

/** A document by its short form: `key@version`, with `!` when it is archived, and what it says when that matters. */
function doc(short: string, kind: 'flag' | 'segment' = 'flag'): UpstreamDocument {
  const [, key = '', version = '', mark = '', says] = /^(\w+)@(\d+)(!?)(?:=(.*))?$/.exec(short) ?? [];
  return { kind, key, version: Number(version), isArchived: mark === '!', text: says ?? `${key} of ${version}` };
}
const docs = (short: string) => (short === '' ? [] : short.split(' ').map((one) => doc(one)));

const shortOf = ({ documents }: { readonly documents: readonly { key: string; version: number }[] }) =>
  documents.map(({ key, version }) => `${key}@${version}`).join(' ');
const changeText = (change: ReplicaChange) =>
  change.kind === 'replaced' ? `replaced at ${change.position}` : shortOf(change);
const textsOf = (replica: Replica) =>
  replica
    .everything()
    .documents.map(({ text }) => text)
    .toSorted();

describe('a replica', () => {
  it('holds nothing until upstream has said what there is, though something was pushed before', () => {
    const replica = newReplica();
    expect(replica.isFilled).toBe(false);
    replica.patch(docs('a@10'));
    expect(replica.isFilled).toBe(false);
    replica.full(docs('a@10 b@20!'));
    expect(replica.isFilled).toBe(true);
    expect(replica.counts).toEqual({ flags: 1, segments: 0 });
    expect(replica.version).toBe(20);
  });

  it('can be empty, which is something else than to hold nothing', () => {
    const replica = newReplica();
    replica.full([]);
    expect(replica.isFilled).toBe(true);
    expect(replica.everything()).toEqual({ cursor: 0, documents: [] });
  });

  it('knows flags and segments of the same name apart', () => {
    const replica = newReplica();
    replica.full([doc('a@10'), doc('a@20', 'segment')]);
    expect(replica.counts).toEqual({ flags: 1, segments: 1 });
    expect(changeText(replica.patch([doc('a@15')]))).toBe('a@21');
  });

  it.each<[what: string, full: string, then: 'full' | 'patch', documents: string, change: string]>([
    ['what is newer is committed', 'a@10', 'patch', 'a@11', 'a@11'],
    ['what is new is committed', 'a@10', 'patch', 'b@20', 'b@20'],
    ['an archived document is committed as any other', 'a@10', 'patch', 'a@20!', 'a@20'],
    ['the same again is nothing', 'a@10', 'patch', 'a@10', ''],
    ['an older one is nothing', 'a@10', 'patch', 'a@9', ''],
    ['several come in the order of their versions', 'a@10', 'patch', 'c@30 b@20', 'b@20 c@30'],
    ['two of one time come one after the other', 'a@10', 'patch', 'c@20 b@20', 'c@20 b@21'],
    ['one that comes late comes last all the same', 'a@10', 'patch', 'b@5', 'b@11'],
    ['an empty patch is nothing', 'a@10', 'patch', '', ''],
    ['the same full again is nothing', 'a@10 b@20', 'full', 'b@20 a@10', ''],
    ['a full with something newer is a commit', 'a@10 b@20', 'full', 'a@30 b@20', 'a@30'],
    ['a full with something new is a commit', 'a@10', 'full', 'a@10 b@20', 'b@20'],
    ['a full without something replaces everything', 'a@10 b@20', 'full', 'a@10', 'replaced at 21'],
    ['a full with something older replaces everything', 'a@10 b@20', 'full', 'a@10 b@19', 'replaced at 21'],
    ['an empty full replaces everything', 'a@10', 'full', '', 'replaced at 11'],
    ['the same version that says something else replaces everything', 'a@10=x', 'full', 'a@10=y', 'replaced at 11'],
    ['the same version with other members that do not count is nothing', 'a@10=x|1', 'full', 'a@10=x|2', ''],
  ])('%s', (_, full, then, documents, change) => {
    const replica = newReplica();
    replica.full(docs(full));
    expect(changeText(replica[then](docs(documents)))).toBe(change);
  });

  it('takes members over that do not count', () => {
    const replica = newReplica();
    replica.full(docs('a@10=x|1'));
    replica.full(docs('a@10=x|2'));
    expect(textsOf(replica)).toEqual(['x|2']);
  });

  it('holds after a replacement what upstream has, beyond every position that readers had', () => {
    const replica = newReplica();
    replica.full(docs('a@10 b@20 c@30'));
    expect(changeText(replica.full(docs('a@10 b@5')))).toBe('replaced at 31');
    const { cursor, documents } = replica.everything();
    expect(textsOf(replica)).toEqual(['a of 10', 'b of 5']);
    expect(cursor).toBeGreaterThan(31);
    for (const { version } of documents) expect(version).toBeGreaterThan(31);
    expect(replica.version).toBe(10);
  });
});

describe('a reader who comes with a cursor', () => {
  const replica = newReplica();
  replica.full(docs('a@10 b@20 c@30'));
  replica.patch(docs('d@40'));
  // Committed upstream before d, and seen after it: FeatBit's own cursor misses it for good.
  replica.patch(docs('e@35'));
  replica.patch(docs('f@50'));

  it.each<[cursor: number, newer: string | undefined]>([
    // Those before were sent together: nobody has their versions as a cursor.
    [10, undefined],
    [20, undefined],
    [30, 'd@40 e@41 f@50'],
    // Whoever has d may have missed e.
    [40, 'e@41 f@50'],
    [41, 'f@50'],
    [50, ''],
    [35, undefined],
    [51, undefined],
    [99, undefined],
  ])('of %d is given %j', (cursor, newer) => {
    const changes = replica.since(cursor);
    expect(changes && shortOf(changes)).toBe(newer);
    if (changes !== undefined) expect(changes.cursor).toBe(50);
  });

  it('from before a replacement is given everything', () => {
    const replaced = newReplica();
    replaced.full(docs('a@10 b@20'));
    replaced.full(docs('a@10'));
    expect(replaced.since(20)).toBeUndefined();
    // It may be one of before that has b: until something changes that cursor says nothing.
    expect(replaced.since(10)).toBeUndefined();
    replaced.patch(docs('c@40'));
    expect(replaced.since(40)).toMatchObject({ documents: [] });
  });

  it('is known for a thousand changes', () => {
    const long = newReplica();
    long.full(docs('a@1'));
    for (let version = 2; version <= 1_500; version++) long.patch(docs(`a@${version}`));
    expect(long.since(1)).toBeUndefined();
    expect(long.since(499)).toBeUndefined();
    expect(long.since(502)).toMatchObject({ cursor: 1_500 });
  });
});

describe('a full message that was read before a push', () => {
  it.each<[what: string, full: string]>([
    ['has the pushed document older', 'a@10 b@20'],
    ['lacks the pushed document', 'a@10'],
  ])('%s: readers are not taken back', (_, full) => {
    const replica = newReplica();
    replica.full(docs('a@10 b@20'));
    replica.patch(docs('b@30'));
    expect(changeText(replica.full(docs(full)))).toBe('');
    expect(textsOf(replica)).toContain('b of 30');
  });

  it('is put right by what upstream sends when it is asked again', () => {
    const replica = newReplica();
    replica.full(docs('a@10 b@20'));
    replica.patch(docs('b@30'));
    replica.full(docs('a@10 b@20'));
    expect(changeText(replica.patch(docs('b@30')))).toBe('');
    expect(changeText(replica.answered())).toBe('');
    expect(textsOf(replica)).toEqual(['a of 10', 'b of 30']);
  });

  it.each<[what: string, full: string, texts: string[]]>([
    ['it is older there', 'a@10 b@20', ['a of 10', 'b of 20']],
    ['it is gone there', 'a@10', ['a of 10']],
  ])('stands when upstream answers and does not send the document again: %s', (_, full, texts) => {
    const replica = newReplica();
    replica.full(docs('a@10 b@20'));
    replica.patch(docs('b@30'));
    replica.full(docs(full));
    expect(changeText(replica.answered())).toBe('replaced at 31');
    expect(textsOf(replica)).toEqual(texts);
    expect(changeText(replica.answered())).toBe('');
  });

  it('stands when a second one says the same', () => {
    const replica = newReplica();
    replica.full(docs('a@10 b@20'));
    replica.patch(docs('b@30'));
    replica.full(docs('a@10'));
    expect(changeText(replica.full(docs('a@10')))).toBe('replaced at 31');
    expect(textsOf(replica)).toEqual(['a of 10']);
  });

  it('stands for documents that nobody pushed over this connection, while pushed ones are kept', () => {
    const replica = newReplica();
    replica.full(docs('a@10 b@20'));
    replica.patch(docs('b@30'));
    expect(changeText(replica.full(docs('b@20')))).toBe('replaced at 31');
    expect(textsOf(replica)).toEqual(['b of 30']);
  });

  it('of a new connection is younger than everything that was pushed before', () => {
    const replica = newReplica();
    replica.full(docs('a@10 b@20'));
    replica.patch(docs('b@30'));
    replica.connectionEnded();
    expect(changeText(replica.full(docs('a@10 b@20')))).toBe('replaced at 31');
  });

  it('does not undo what was pushed before there was anything', () => {
    const replica = newReplica();
    replica.patch(docs('b@30'));
    replica.full(docs('a@10 b@20'));
    expect(textsOf(replica)).toEqual(['a of 10', 'b of 30']);
  });
});

describe('what an earlier run has kept', () => {
  const kept = () => {
    const before = newReplica();
    before.full(docs('a@10 b@20'));
    before.patch(docs('c@15'));
    return before.state();
  };

  it('is served as it was, cursors included', () => {
    const replica = newReplica();
    replica.restore(kept());
    expect(shortOf(replica.everything())).toBe('a@10 b@20 c@21');
    expect(replica.since(20)).toMatchObject({ documents: [{ key: 'c' }] });
    expect(replica.since(21)).toMatchObject({ documents: [] });
    expect(replica.since(10)).toBeUndefined();
  });

  it('does not take the place of what is held', () => {
    const replica = newReplica();
    replica.full(docs('z@99'));
    replica.restore(kept());
    expect(shortOf(replica.everything())).toBe('z@99');
  });

  it('is not given to who was told more than was kept: what that reader has is younger', () => {
    const replica = newReplica();
    replica.restore(kept());
    expect(replica.since(30)).toMatchObject({ documents: [] });
    // Once upstream has answered everybody hears of the rest.
    expect(changeText(replica.full(docs('a@30 b@20 c@15')))).toBe('a@30');
    expect(replica.since(35)).toBeUndefined();
  });

  it('still knows that everything was replaced', () => {
    const before = newReplica();
    before.full(docs('a@10 b@20'));
    before.full(docs('a@10'));
    const replica = newReplica();
    replica.restore(before.state());
    expect(replica.since(10)).toBeUndefined();
    expect(changeText(replica.full([]))).toBe('replaced at 23');
  });

  it('is replaced for who was ahead of it when upstream has lost what that reader has', () => {
    const replica = newReplica();
    replica.restore(kept());
    replica.since(30);
    expect(changeText(replica.full(docs('a@10 b@20 c@15')))).toBe('replaced at 22');
  });

  it('is the same for upstream when it is', () => {
    const replica = newReplica();
    replica.restore(kept());
    expect(changeText(replica.full(docs('a@10 b@20 c@15')))).toBe('');
  });
});

describe('readers, whatever upstream sends in whatever order', () => {
  /** An SDK: a newer document replaces an older one, a full message replaces everything. */
  class Reader {
    readonly held = new Map<string, { version: number; text: string }>();
    position: number | undefined;

    get cursor(): number {
      return Math.max(0, ...[...this.held.values()].map(({ version }) => version));
    }

    take(documents: readonly { key: string; text: string }[], isFull: boolean): void {
      if (isFull) this.held.clear();
      for (const { key, text } of documents) {
        const version = Number(text.split(' of ')[1]?.split(' ')[0]);
        if (version > (this.held.get(key)?.version ?? -1)) this.held.set(key, { version, text });
      }
    }

    /** Comes with its cursor, as at each connection. */
    ask(replica: Replica): void {
      const newer = this.cursor === 0 ? undefined : replica.since(this.cursor);
      const answer = newer ?? replica.everything();
      this.take(answer.documents, newer === undefined);
      this.position = answer.cursor;
    }
  }

  const document = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    version: fc.integer({ min: 1, max: 30 }),
    says: fc.constantFrom('x', 'y'),
  });
  const step = fc.oneof(
    fc.record({ do: fc.constant('patch' as const), documents: fc.array(document, { maxLength: 3 }) }),
    fc.record({ do: fc.constant('full' as const), documents: fc.array(document, { maxLength: 4 }) }),
    fc.record({ do: fc.constantFrom('answered' as const, 'cut' as const, 'ask' as const) }),
    fc.record({ do: fc.constant('leave' as const), reader: fc.nat(2) }),
  );

  it('have what the replica has once they have taken what they are told', async () => {
    await check(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const replica = newReplica();
        const readers = [new Reader(), new Reader(), new Reader()];
        let replacedAt = 0;
        const told = (change: ReplicaChange): void => {
          if (change.kind === 'replaced') replacedAt = change.position;
          for (const reader of readers) {
            if (reader.position === undefined) continue;
            if (reader.position < replacedAt) {
              const { cursor, documents } = replica.everything();
              reader.take(documents, true);
              reader.position = cursor;
            } else if (change.kind === 'committed') {
              for (const one of change.documents) {
                expect(one.version).toBeGreaterThan(reader.position);
                reader.take([one], false);
                reader.position = one.version;
              }
            }
          }
        };
        for (const one of steps) {
          if (one.do === 'patch' || one.do === 'full') {
            const distinct = new Map(
              one.documents.map(({ key, version, says }) => [
                key,
                { kind: 'flag' as const, key, version, isArchived: false, text: `${key} of ${version} ${says}` },
              ]),
            );
            const before = replica.isFilled;
            const change = replica[one.do]([...distinct.values()]);
            // Before there is anything nobody is let in.
            if (before) told(change);
          } else if (one.do === 'answered') told(replica.answered());
          else if (one.do === 'cut') replica.connectionEnded();
          else if (one.do === 'leave') {
            const reader = readers[one.reader];
            if (reader !== undefined) reader.position = undefined;
          } else if (replica.isFilled) {
            for (const reader of readers) if (reader.position === undefined) reader.ask(replica);
          }
        }
        if (!replica.isFilled) return;
        for (const reader of readers) if (reader.position === undefined) reader.ask(replica);
        for (const reader of readers) {
          expect([...reader.held.values()].map(({ text }) => text).toSorted()).toEqual(textsOf(replica));
        }
      }),
      300,
    );
  });
});

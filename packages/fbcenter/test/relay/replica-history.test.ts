import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Replica, type UpstreamDocument } from '../../src/relay/replica.js';
import { check } from '../support/property.js';

/** Texts begin with what they say to evaluation; what comes after a bar does not count. */
const newReplica = () => new Replica((_kind, one, other) => one.split('|')[0] === other.split('|')[0]);

/** `key@version`, with `s:` before it for a segment, `!` when it is archived, and `=` before what it says. */
function docs(short: string): UpstreamDocument[] {
  if (short === '') return [];
  return short.split(' ').map((one) => {
    const match = /^(?<segment>s:)?(?<key>\w+)@(?<version>\d+)(?<mark>!?)(?:=(?<says>.*))?$/.exec(one)?.groups ?? {};
    const { segment, key = '', version = '', mark, says = 'x' } = match;
    const kind = segment === undefined ? 'flag' : 'segment';
    return { kind, key, version: Number(version), isArchived: mark === '!', text: `${key} ${version} ${says}` };
  });
}

type Step = readonly [what: 'full' | 'patch', documents: string] | readonly [what: 'answered' | 'cut'];

/** What readers are told at each step, in short. */
function toldBy(replica: Replica, steps: readonly Step[]): string[] {
  return steps.map((step) => {
    if (step[0] === 'cut') {
      replica.connectionEnded();
      return 'nothing';
    }
    const change = step[0] === 'answered' ? replica.answered() : replica[step[0]](docs(step[1] ?? ''));
    if (change.kind === 'replaced') return 'everything';
    return change.documents.map(({ key, version }) => `${key}@${version}`).join(' ') || 'nothing';
  });
}

const heldBy = (replica: Replica) =>
  replica
    .everything()
    .documents.map(({ text }) => text)
    .toSorted();

describe('what readers are told', () => {
  it.each<[what: string, steps: Step[], told: string[], held: string[]]>([
    [
      'of a document that is archived and comes back',
      [
        ['full', 'a@1'],
        ['patch', 'a@2!'],
        ['patch', 'a@3'],
      ],
      ['a@1', 'a@2', 'a@3'],
      ['a 3 x'],
    ],
    [
      'of a flag and a segment of one key',
      [
        ['full', 'a@1 s:a@2'],
        ['patch', 's:a@3'],
        ['patch', 'a@3'],
      ],
      ['a@1 a@2', 'a@3', 'a@4'],
      ['a 3 x', 'a 3 x'],
    ],
    [
      'of one document twice in a patch: the newer',
      [
        ['full', ''],
        ['patch', 'a@2=new a@1=old'],
      ],
      ['nothing', 'a@1 a@2'],
      ['a 2 new'],
    ],
    [
      'of one text that says the same in other words',
      [
        ['full', 'a@1=x|long'],
        ['full', 'a@1=x|short'],
      ],
      ['a@1', 'nothing'],
      ['a 1 x|short'],
    ],
    [
      'of one text that says something else at the same time',
      [
        ['full', 'a@1=x'],
        ['full', 'a@1=y'],
      ],
      ['a@1', 'everything'],
      ['a 1 y'],
    ],
    [
      'when nothing is left',
      [
        ['full', 'a@1 b@2'],
        ['full', ''],
      ],
      ['a@1 b@2', 'everything'],
      [],
    ],
    [
      'when everything is empty and stays so',
      [
        ['full', ''],
        ['full', ''],
        ['patch', ''],
      ],
      ['nothing', 'nothing', 'nothing'],
      [],
    ],
    [
      'when a pushed document is missing twice',
      [
        ['full', 'a@1'],
        ['patch', 'b@2'],
        ['full', 'a@1'],
        ['full', 'a@1'],
      ],
      ['a@1', 'b@2', 'nothing', 'everything'],
      ['a 1 x'],
    ],
    [
      'when a pushed document is missing, and then there',
      [['full', 'a@1'], ['patch', 'b@2'], ['full', 'a@1'], ['full', 'a@1 b@2'], ['answered']],
      ['a@1', 'b@2', 'nothing', 'nothing', 'nothing'],
      ['a 1 x', 'b 2 x'],
    ],
    [
      'when a pushed document is missing, and upstream says that this is all',
      [['full', 'a@1'], ['patch', 'b@2'], ['full', 'a@1'], ['answered']],
      ['a@1', 'b@2', 'nothing', 'everything'],
      ['a 1 x'],
    ],
    [
      'when a pushed document is missing, and is pushed again',
      [['full', 'a@1'], ['patch', 'b@2'], ['full', 'a@1'], ['patch', 'b@3'], ['answered']],
      ['a@1', 'b@2', 'nothing', 'b@3', 'nothing'],
      ['a 1 x', 'b 3 x'],
    ],
    [
      'when a pushed document is missing over another connection',
      [['full', 'a@1'], ['patch', 'b@2'], ['cut'], ['full', 'a@1']],
      ['a@1', 'b@2', 'nothing', 'everything'],
      ['a 1 x'],
    ],
    [
      'when an older push comes late',
      [
        ['full', 'a@5'],
        ['patch', 'a@4=old'],
        ['patch', 'a@5=same'],
      ],
      ['a@5', 'nothing', 'nothing'],
      ['a 5 x'],
    ],
  ])('%s', (_, steps, told, held) => {
    const replica = newReplica();
    expect(toldBy(replica, steps)).toEqual(told);
    expect(heldBy(replica)).toEqual(held);
  });
});

const document = fc
  .record({
    kind: fc.constantFrom('', 's:'),
    key: fc.constantFrom('a', 'b', 'c'),
    version: fc.integer({ min: 1, max: 20 }),
    mark: fc.constantFrom('', '!'),
    says: fc.constantFrom('x', 'y', 'x|long'),
  })
  .map(({ kind, key, version, mark, says }) => `${kind}${key}@${version}${mark}=${says}`);
const named = fc
  .uniqueArray(document, { maxLength: 4, selector: (short) => short.slice(0, short.indexOf('@')) })
  .map((shorts) => shorts.join(' ').trim());
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom('full' as const, 'patch' as const), named),
  fc.tuple(fc.constantFrom('answered' as const, 'cut' as const)),
);
const history = fc.array(step, { maxLength: 15 });

describe('a replica, whatever upstream sends', () => {
  it('has positions that only grow, each beyond what it has told before', async () => {
    await check(
      fc.property(history, (steps) => {
        const replica = newReplica();
        let last = 0;
        for (const one of steps) {
          toldBy(replica, [one]);
          const { cursor, documents } = replica.everything();
          expect(cursor).toBeGreaterThanOrEqual(last);
          last = cursor;
          const positions = documents.map(({ version }) => version);
          expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
          expect(positions.at(-1) ?? 0).toBeLessThanOrEqual(cursor);
        }
      }),
      300,
    );
  });

  it('counts what it holds: documents that are not archived, and the greatest version of all', async () => {
    await check(
      fc.property(history, (steps) => {
        const replica = newReplica();
        toldBy(replica, steps);
        const { documents } = replica.everything();
        const counted = (kind: string) => documents.filter((one) => one.kind === kind && !one.isArchived).length;
        expect(replica.counts).toEqual({ flags: counted('flag'), segments: counted('segment') });
        expect(replica.version).toBe(Math.max(0, ...documents.map(({ text }) => Number(text.split(' ')[1]))));
      }),
      300,
    );
  });

  it('has what upstream has once that was said twice over a quiet connection', async () => {
    await check(
      fc.property(history, named, (steps, last) => {
        const replica = newReplica();
        toldBy(replica, [...steps, ['full', last], ['full', last]]);
        expect(replica.isContested).toBe(false);
        const saysOf = (texts: readonly string[]) => texts.map((text) => text.split('|')[0]).toSorted();
        expect(saysOf(heldBy(replica))).toEqual(saysOf(docs(last).map(({ text }) => text)));
      }),
      300,
    );
  });

  it('is the same after a restart: documents, positions, and what each reader is given', async () => {
    await check(
      fc.property(history, (steps) => {
        const before = newReplica();
        toldBy(before, [['full', 'a@3'], ...steps, ['cut'], ['answered']]);
        const after = newReplica();
        after.restore(JSON.parse(JSON.stringify(before.state())));
        expect(after.everything().documents).toEqual(before.everything().documents);
        expect([after.version, after.counts, after.isFilled]).toEqual([before.version, before.counts, true]);
        for (let cursor = 1; cursor <= before.version; cursor++) {
          expect(after.since(cursor)?.documents).toEqual(before.since(cursor)?.documents);
        }
      }),
      300,
    );
  });

  it('never gives a reader less than it lacks: what is newer, or everything', async () => {
    await check(
      fc.property(history, fc.nat(40), (steps, cursor) => {
        const replica = newReplica();
        toldBy(replica, steps);
        const newer = replica.since(cursor);
        if (newer === undefined) return;
        const everything = replica.everything();
        expect(newer.cursor).toBe(everything.cursor);
        // It is the end of everything: a reader takes it in the same order.
        expect(newer.documents).toEqual(
          everything.documents.slice(everything.documents.length - newer.documents.length),
        );
      }),
      300,
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Participant } from '../../../src/experiments/counting/participant.js';
import type { IterationSums } from '../../../src/model/experiment.js';
import type { CountedEvent, CountedRequest } from '../../../src/storage/experiments.js';
import { keptValue } from '../../../src/storage/kept-json.js';
import { SqliteConnection } from '../../../src/storage/sqlite/connection.js';
import { CountedJournal } from '../../../src/storage/sqlite/counted-journal.js';
import { sqliteExperimentData } from '../../../src/storage/sqlite/experiment-data.js';
import { sqliteExperiments } from '../../../src/storage/sqlite/experiments.js';
import { prepare } from '../../../src/storage/sqlite/open.js';
import type { Session } from '../../../src/storage/sqlite/session.js';
import type { UserChanges } from '../../../src/storage/sqlite/unfolded.js';
import { aMetric, anIteration, aPlan } from '../../support/experiments.js';
import { FakeClock } from '../../support/fake-clock.js';
import { check } from '../../support/property.js';

/** Rows that wait: few, so that they leave all the time. */
const WAITING = 90;
const USERS = Array.from({ length: 120 }, (_, user) => user);
const NAMES = [1, 2] as const;

/** A connection of which one of the next statements fails. */
class FailingConnection extends SqliteConnection {
  failing = Number.POSITIVE_INFINITY;

  override run(...parameters: Parameters<SqliteConnection['run']>): number {
    this.#step();
    return super.run(...parameters);
  }

  override runWith(...parameters: Parameters<SqliteConnection['runWith']>): number {
    this.#step();
    return super.runWith(...parameters);
  }

  override commit(): void {
    this.#step();
    super.commit();
  }

  #step(): void {
    this.failing -= 1;
    if (this.failing < 0) throw new Error('on purpose');
  }

  /** Runs work in a transaction that is undone at a statement, or at its end. @returns whether it was kept. */
  attempt(work: () => void, failing: number): boolean {
    this.failing = failing;
    try {
      this.transaction(() => {
        work();
        if (this.failing < Number.POSITIVE_INFINITY) throw new Error('at the end');
      });
      return true;
    } catch {
      return false;
    } finally {
      this.failing = Number.POSITIVE_INFINITY;
    }
  }
}

function aDatabase(): FailingConnection {
  const connection = new FailingConnection(':memory:');
  onTestFinished(() => connection.close());
  prepare(connection);
  return connection;
}

const rowsIn = (connection: SqliteConnection, table: string) =>
  connection.rows<object>(`SELECT * FROM ${table}`).length;

/** What a journal should know, as plain lists. */
class Model {
  readonly participants = new Map<string, Participant>();
  readonly events: { readonly event: number; readonly user: number; readonly at: number; readonly value: number }[] =
    [];

  add(changes: UserChanges): void {
    for (const [iteration, user, participant] of changes.participants) {
      this.participants.set(`${iteration} ${user}`, participant);
    }
    for (const [event, user, at, value] of changes.events) this.events.push({ event, user, at, value });
  }

  eventsOf(name: number, from: number) {
    return USERS.flatMap((one) =>
      this.events
        .filter(({ event, user, at }) => event === name && user === one && at >= from)
        .sort((a, b) => a.at - b.at)
        .map(({ user, at, value }) => ({ user, at, value })),
    );
  }
}

function eventsOf(journal: CountedJournal, name: number, from: number) {
  const logs = journal.events(name, USERS, from);
  return USERS.flatMap((user) =>
    [...(logs.get(user) ?? [])].sort((a, b) => a.at - b.at).map(({ at, value }) => ({ user, at, value })),
  );
}

function expectSame(journal: CountedJournal, model: Model): void {
  for (const name of NAMES) {
    const found = journal.participants(name, new Set(USERS));
    for (const user of USERS) expect(found.get(user)).toEqual(model.participants.get(`${name} ${user}`));
    for (const from of [0, 2]) expect(eventsOf(journal, name, from)).toEqual(model.eventsOf(name, from));
  }
}

const name = fc.constantFrom(...NAMES);
const user = fc.constantFrom(...USERS);
const changes = fc.record({
  participants: fc
    .array(
      fc.tuple(
        name,
        user,
        fc.record({
          variation: fc.integer({ min: -3, max: 1 }),
          totals: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 3 }),
        }),
      ),
      { maxLength: 25, size: 'max' },
    )
    .map((all) =>
      all.map(
        ([iteration, who, { variation, totals }], at) =>
          [iteration, who, { variation, firstAt: at, totals: totals.map((total) => total + 0) }] as const,
      ),
    ),
  events: fc.array(
    fc.tuple(
      name,
      user,
      fc.integer({ min: 0, max: 3 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    ),
    { maxLength: 25, size: 'max' },
  ),
});
/** Most transactions are kept; the others are undone after so many statements, or at their end. */
const failing = fc.oneof(
  { weight: 5, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 12 }) },
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('add' as const), changes, failing }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fold' as const), rows: fc.integer({ min: 1, max: 200 }), failing }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('recover' as const), failing }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin anew' as const) }) },
);

describe('the journal of what is counted', () => {
  it('knows of every user what was kept last, whatever was undone, cut off or written to its place meanwhile', async () => {
    await check(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        const connection = aDatabase();
        const model = new Model();
        let journal = new CountedJournal(connection, WAITING);
        for (const one of steps) {
          if (one.kind === 'begin anew') journal = new CountedJournal(connection, WAITING);
          else if (one.kind === 'fold') connection.attempt(() => void journal.fold(one.rows), one.failing);
          else if (one.kind === 'recover') connection.attempt(() => void journal.recover(), one.failing);
          else if (connection.attempt(() => journal.add(one.changes), one.failing)) model.add(one.changes);
          expectSame(journal, model);
        }
        // At last everything is in its place, once.
        expect(connection.transaction(() => new CountedJournal(connection, WAITING).recover())).toBe(0);
        expect(rowsIn(connection, 'participants')).toBe(model.participants.size);
        expect(rowsIn(connection, 'metric_log')).toBe(model.events.length);
        const entries = connection.rows<{ readonly text: string }>('SELECT text FROM counted_journal');
        expect(entries.flatMap(({ text }) => Object.values<readonly unknown[]>(keptValue(text)).flat())).toEqual([]);
        connection.exec('DELETE FROM counted_journal');
        expectSame(new CountedJournal(connection), model);
      }),
      15,
    );
  });

  it('writes nothing to its place before there is enough, and then two rows for each one that comes', () => {
    const connection = aDatabase();
    const journal = new CountedJournal(connection, 256);
    const add = (first: number, count: number) =>
      connection.transaction(() =>
        journal.add({
          participants: Array.from(
            { length: count },
            (_, at) => [1, first + at, { variation: 0, firstAt: 1, totals: [] }] as const,
          ),
          events: [],
        }),
      );
    const found: (readonly [waiting: number, inPlace: number, entries: number])[] = [];
    for (let first = 0; first < 640; first += 64) {
      add(first, 64);
      found.push([journal.size, rowsIn(connection, 'participants'), rowsIn(connection, 'counted_journal')]);
    }
    expect(found).toEqual([
      ...[
        [64, 0, 1],
        [128, 0, 2],
        [192, 0, 3],
        [256, 0, 4],
      ],
      // All are known in memory until the last of them is in its place.
      ...[
        [320, 128, 5],
        [384, 256, 6],
        [192, 256, 3],
        [256, 256, 4],
        [320, 384, 5],
        [384, 512, 6],
      ],
    ]);
  });

  it('keeps its numbers when it is empty: events that come later are later', () => {
    const connection = aDatabase();
    const take = (value: number) => {
      // Another center each time.
      const journal = new CountedJournal(connection);
      connection.transaction(() => journal.add({ participants: [], events: [[1, 7, 0, value]] }));
      connection.transaction(() => journal.recover());
    };
    for (let value = 1; value <= 5; value++) take(value);
    const events = new CountedJournal(connection).events(1, [7], 0).get(7) ?? [];
    expect(events.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(events.map(({ seq }) => seq)).size).toBe(5);
  });

  it('finds events that a center without a journal has numbered by their moment, before its own', () => {
    const connection = aDatabase();
    for (let seq = 0; seq < 3; seq++) connection.run('INSERT INTO metric_log VALUES (1, 7, 0, ?, ?)', seq, seq);
    const journal = new CountedJournal(connection);
    connection.transaction(() => journal.add({ participants: [], events: [[1, 7, 0, 3]] }));
    expect(
      journal
        .events(1, [7], 0)
        .get(7)
        ?.map(({ value }) => value),
    ).toEqual([0, 1, 2, 3]);
  });
});

const START = 1_000_000;

/** Experiments on a database, with a center that may be another one at any time. */
async function anExperiment(connection: FailingConnection, waiting: number | undefined) {
  connection.run(`INSERT INTO environments (id, key, name, version) VALUES ('e', 'dev', 'Dev', 0)`);
  const session: Session = {
    connection,
    read: async (work) => work(),
    write: async (work) =>
      connection.transaction(() =>
        work(
          () => {},
          () => {},
        ),
      ),
  };
  let journal = new CountedJournal(connection, waiting);
  const plan = aPlan([
    aMetric({ key: 'bought' }),
    aMetric({ key: 'revenue', type: 'sum', cap: 40 }),
    aMetric({ key: 'early', type: 'count', windowHours: 20 / 3_600_000 }),
  ]);
  const iteration = await sqliteExperiments(session, journal).addIteration('e', anIteration(START, plan));
  let data = sqliteExperimentData(session, journal, new FakeClock(START));
  return {
    iteration,
    take: (request: CountedRequest) => data.take('e', [request], [iteration]),
    sums: () => data.sums(iteration.id),
    restart: () => {
      journal = new CountedJournal(connection, waiting);
      data = sqliteExperimentData(session, journal, new FakeClock(START));
    },
    rebuild: async () => {
      for (let progress = await data.rebuild(iteration); progress; ) {
        progress = await data.rebuild(iteration, progress);
      }
    },
  };
}

const counted = fc
  .tuple(user, fc.integer({ min: 0, max: 60 }), fc.double({ min: -50, max: 50, noNaN: true }))
  .chain(
    ([who, after, value]): fc.Arbitrary<
      | Omit<Extract<CountedEvent, { kind: 'exposure' }>, 'place'>
      | Omit<Extract<CountedEvent, { kind: 'metric' }>, 'place'>
    > => {
      const at = START + after;
      return fc.oneof(
        fc.record({
          kind: fc.constant('exposure' as const),
          user: fc.constant(who),
          at: fc.constant(at),
          iteration: fc.constant(1),
          variation: fc
            .constantFrom(0, 0, 0, 0, 1, -2)
            .map((variation) => (variation === -2 ? variation : (who + variation) % 2)),
        }),
        fc.record({
          kind: fc.constant('metric' as const),
          user: fc.constant(who),
          at: fc.constant(at),
          event: fc.constant('purchase'),
          value: fc.constant(value),
        }),
      );
    },
  );
const delivery = fc.record({
  events: fc.array(counted, { minLength: 1, maxLength: 40, size: 'max' }),
  failing: fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 2 }),
  afterwards: fc.constantFrom('nothing', 'nothing', 'nothing', 'again', 'another center', 'anew' as const),
});

const shortened = ({ rests: _, ...sums }: IterationSums['variations'][number]['metrics'][number]) => sums;

describe('what is counted through the journal', () => {
  it('is the same as without interruptions, and as what is counted anew from single events', async () => {
    await check(
      fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 12, size: 'max' }), async (deliveries) => {
        const connection = aDatabase();
        const disturbed = await anExperiment(connection, WAITING);
        const calm = await anExperiment(aDatabase(), undefined);
        for (const [index, { events, failing, afterwards }] of deliveries.entries()) {
          const numbered = events.map((event, place): CountedEvent => ({ ...event, place }));
          const request = { hash: `r${index}`, events: numbered, next: undefined, uncounted: new Map() };
          for (const at of failing) {
            connection.failing = at;
            // Whoever is not answered sends it again.
            await disturbed.take(request).catch(() => {});
            connection.failing = Number.POSITIVE_INFINITY;
          }
          await disturbed.take(request);
          await calm.take(request);
          if (afterwards === 'again') await disturbed.take(request);
          if (afterwards === 'another center') disturbed.restart();
          if (afterwards === 'anew') await disturbed.rebuild();
        }
        const numbers = async ({ sums }: typeof calm) => {
          const { variations, excluded, newest } = (await sums()) ?? {};
          return {
            users: variations?.map(({ users }) => users),
            excluded,
            newest,
            metrics: variations?.flatMap(({ metrics }) => metrics.map(shortened)),
          };
        };
        const near = (all: Awaited<ReturnType<typeof numbers>>) => ({
          ...all,
          metrics: all.metrics?.map((metric) =>
            Object.fromEntries(Object.entries(metric).map(([key, value]) => [key, expect.closeTo(value, 8)])),
          ),
        });
        const expected = await numbers(calm);
        const withoutLargest = (all: typeof expected) => ({
          ...all,
          metrics: all.metrics?.map(({ largest: _, ...metric }) => metric),
        });
        expect(withoutLargest(await numbers(disturbed))).toEqual(near(withoutLargest(expected) as typeof expected));
        await disturbed.rebuild();
        expect(withoutLargest(await numbers(disturbed))).toEqual(near(withoutLargest(expected) as typeof expected));
      }),
      10,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { connectionOf } from '../../../src/storage/postgres/connection.js';
import { noteOrigin } from '../../../src/storage/postgres/origin.js';

/** Tables in a database, without environments. */
class FakeTables {
  /** What is kept of where they are from. */
  kept: string | undefined;
  mayAsk = true;
  readonly asked: string[] = [];
  place = { cluster: '7', database: '5', relation: '16391' };

  readonly connection = connectionOf(async (sql, [identity]) => {
    this.asked.push(sql.trim().split(/[\s(]/, 1)[0] ?? '');
    if (sql.includes('FROM pg_control_system()')) return { count: 1, rows: [{ cluster: this.place.cluster }] };
    if (sql.includes('pg_database')) return { count: 1, rows: [{ ...this.place, mayAsk: this.mayAsk }] };
    if (sql.startsWith('SELECT identity')) {
      return { count: 1, rows: this.kept === undefined ? [] : [{ identity: this.kept }] };
    }
    if (sql.startsWith('INSERT')) this.kept ??= String(identity);
    if (sql.startsWith('UPDATE')) {
      const count = this.kept === identity ? 0 : 1;
      this.kept = String(identity);
      return { count, rows: [] };
    }
    return { count: 0, rows: [] };
  });

  note(): Promise<number> {
    return noteOrigin(this.connection, { schema: 's', now: 1_000 });
  }
}

describe('where tables are from', () => {
  it('is noted by the first center, and only looked at by those that come later', async () => {
    const tables = new FakeTables();
    expect(await tables.note()).toBe(0);
    expect(tables.kept).toBe('7/5/16391');
    tables.asked.length = 0;
    expect(await tables.note()).toBe(0);
    // A center starts on a database that takes no changes just now.
    expect(new Set(tables.asked)).toEqual(new Set(['SELECT']));
  });

  it.each(['cluster', 'database', 'relation'] as const)('is another place when the %s is another one', async (part) => {
    const tables = new FakeTables();
    await tables.note();
    tables.place = { ...tables.place, [part]: '99' };
    tables.asked.length = 0;
    await tables.note();
    expect([tables.asked.includes('UPDATE'), tables.kept?.split('/').includes('99')]).toEqual([true, true]);
  });

  it('is known without the cluster where nobody may ask for it', async () => {
    const tables = new FakeTables();
    tables.mayAsk = false;
    await tables.note();
    expect(tables.kept).toBe('unknown/5/16391');
  });
});

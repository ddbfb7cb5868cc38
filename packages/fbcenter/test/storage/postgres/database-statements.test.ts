import { describe, expect, it, onTestFinished } from 'vitest';
import { Database } from '../../../src/storage/postgres/database.js';
import type { Client } from '../../../src/storage/postgres/library.js';
import { memoryLogger } from '../../support/memory-logger.js';

/** A database whose library fails the first statements with these codes, and answers the others. */
function failing(...codes: readonly string[]) {
  const sent: string[] = [];
  const left = [...codes];
  const client: Client = {
    unsafe: async (sql) => {
      sent.push(sql);
      const code = left.shift();
      if (code === 'never') return new Promise(() => {});
      if (code !== undefined) throw Object.assign(new Error('on purpose'), { code });
      return Object.assign([], { count: 1 });
    },
    begin: async () => {
      throw new Error('there is no transaction');
    },
    listen: async () => undefined,
    end: async () => {},
  };
  const database = new Database({
    library: () => client,
    url: 'postgres://nowhere',
    schema: 'test',
    connections: 1,
    patience: { connect: 50, lock: 50, statement: 50, answer: 50, silence: 25 },
    log: memoryLogger(),
  });
  onTestFinished(() => database.close());
  return { database, sent };
}

describe('a statement that stands alone', () => {
  it('is sent once more when the connection was lost for which it was about to be sent', async () => {
    const { database, sent } = failing('CONNECTION_CLOSED');
    expect(await database.connection.run('SELECT 1')).toBe(1);
    expect(sent).toHaveLength(2);
  });

  it.each<[what: string, code: string, expected: string]>([
    ['the connection is lost', 'CONNECTION_CLOSED', 'outcome-unknown'],
    ['the server ends it', '57P01', 'outcome-unknown'],
    ['no answer comes', 'never', 'outcome-unknown'],
    ['it is refused', '23503', 'storage-unavailable'],
    ['nobody is there', 'ECONNREFUSED', 'storage-unavailable'],
  ])(
    'and must not be sent twice is sent once, and says whether it may have been done: %s',
    async (_, code, expected) => {
      const { database, sent } = failing(code);
      await expect(database.writer.run('UPDATE counts SET count = count + 1')).rejects.toMatchObject({
        code: expected,
      });
      expect(sent).toHaveLength(1);
    },
  );

  it('is not sent at all once the database is closed, or known to be away', async () => {
    const { database, sent } = failing('ECONNREFUSED');
    await expect(database.writer.run('UPDATE a')).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(database.writer.run('UPDATE b')).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(sent).toEqual(['UPDATE a']);
    const closed = failing();
    await closed.database.close();
    await expect(closed.database.writer.run('UPDATE c')).rejects.toThrow('closed');
    expect(closed.sent).toEqual([]);
  });
});

import { describe } from 'vitest';
import { BreakableLibrary, HAS_POSTGRES, leasedSchema, openTestStorage, postgresUrl } from '../support/postgres.js';
import { storageContract } from './contract/contract.js';

describe.skipIf(!HAS_POSTGRES)('a PostgreSQL', () => {
  const url = postgresUrl;
  storageContract('PostgreSQL', async (options) => {
    const breakable = new BreakableLibrary();
    const all = { ...options, url: url(), schema: await leasedSchema(url()), library: await breakable.library() };
    const storage = await openTestStorage(all);
    return {
      storage,
      breakStep: (index) => breakable.breakStep(index),
      async reopen() {
        await storage.close();
        return openTestStorage(all);
      },
    };
  });
});

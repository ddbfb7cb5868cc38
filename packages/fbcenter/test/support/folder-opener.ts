// A program for tests: opens a data folder, says whether it could, and ends.
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';

try {
  const storage = openSqliteStorage({ folder: process.argv[2] });
  await storage.close();
  process.stdout.write('opened\n');
} catch (error) {
  process.stdout.write(`${(error as { readonly code?: unknown }).code}\n`);
}

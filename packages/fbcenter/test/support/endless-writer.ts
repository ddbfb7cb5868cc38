// A program for durability.test.ts: writes for ever, two documents a transaction, and prints the versions it got.
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';

const [folder = '', environmentId = ''] = process.argv.slice(2);
const storage = openSqliteStorage({ folder });
for (let count = 1; ; count++) {
  const versions = await storage.transact(async (transaction) => {
    const text = (version: number) => JSON.stringify({ count, version, padding: 'x'.repeat(2_000) });
    const flag = await transaction.documents.write(environmentId, {
      kind: 'flag',
      key: `flag-${count % 50}`,
      isArchived: false,
      text,
    });
    const segment = await transaction.documents.write(environmentId, {
      kind: 'segment',
      key: `twin-${count % 50}`,
      isArchived: false,
      text,
    });
    return [flag.version, segment.version];
  });
  await storage.insights.record(
    new Map([
      [
        environmentId,
        {
          evaluations: [{ flagKey: 'f', variationId: 'v', count: 1, experimentCount: 0 }],
          metrics: [],
          identifications: 0,
          rejected: 0,
        },
      ],
    ]),
  );
  // One write to the pipe per acknowledgement: what was written is in the kernel when the process is killed.
  process.stdout.write(`${count} ${versions.join(' ')}\n`);
}

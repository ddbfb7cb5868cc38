/** Starts a client, uses it, closes it, and does nothing to end the process. Its argument says where data comes from. */
import { type DataSource, FBClient, fileDataSource, filePersistence, type Options } from 'fbclient';

export interface ExitInput {
  readonly options: Options;
  /** Serves this file. */
  readonly file?: string;
  /** Serves this envelope from a source of the application's own. */
  readonly envelope?: string;
  /** Keeps the environment here. */
  readonly directory?: string;
}

const input = JSON.parse(process.argv[2] ?? '') as ExitInput;

function dataSource(): DataSource | undefined {
  if (input.file !== undefined) return fileDataSource({ path: input.file });
  if (input.envelope === undefined) return undefined;
  return { start: (sink) => void sink.accept(input.envelope), close: () => undefined };
}

const client = new FBClient({
  ...input.options,
  dataSource: dataSource(),
  persistence: input.directory === undefined ? undefined : filePersistence({ directory: input.directory }),
});
const result = await client.waitForInitialization();
const user = { key: 'u' };
client.flagTracker.addFlagChangedListener(() => undefined);
const value = client.variation('f', user, 'none');
client.trackMetric(user, 'metric');
await client.close();
console.log(`${result} ${value}, closed`);

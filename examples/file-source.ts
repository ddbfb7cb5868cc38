/** Flags from a file, with real rules and without a server: what is saved is served. */
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FBClient, fileDataSource } from 'fbclient';

const folder = await mkdtemp(join(tmpdir(), 'flags-'));
const path = join(folder, 'flags.json');
await copyFile(new URL('flags.json', import.meta.url), path);

const client = new FBClient({ dataSource: fileDataSource({ path }), disableEvents: true });
console.log(await client.waitForInitialization());

// Watching a file keeps no process alive; a service has its server for that, this program has only this.
const alive = setInterval(() => undefined, 60_000);

const user = { key: 'user-1', country: 'NZ' };
console.log(client.variation('shop-theme', user, 'light'));

const saved = new Promise<void>((resolve) => {
  client.flagTracker.addFlagValueChangedListener('shop-theme', user, (_, previous, current) => {
    console.log(`${previous} → ${current}`);
    resolve();
  });
});
// A new file in the place of the old one, as editors and deployments do it.
const text = await readFile(path, 'utf8');
await writeFile(`${path}.new`, text.replace('"value": "festive"', '"value": "summer"'));
await rename(`${path}.new`, path);
await saved;

const reported = new Promise<void>((resolve) => {
  const stop = client.updateStatusProvider.addListener(({ error }) => {
    console.log(error?.message.replace(path, 'flags.json') ?? 'in sync');
    stop();
    resolve();
  });
});
await writeFile(path, '{ "messageType": "data-sync", "data": }'); // a slip of the keyboard
await reported;
console.log(`${client.status}: ${client.variation('shop-theme', user, 'dark')}`); // the last good data stays

clearInterval(alive);
await client.close();
await rm(folder, { recursive: true });

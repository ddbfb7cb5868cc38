/** Runs an example with a flag center of its own: `npm run example http-service`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startCenter } from 'fbcenter';

const folder = new URL('./', import.meta.url);
const examples = readdirSync(folder).flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []);
const [name = ''] = process.argv.slice(2);
if (!examples.includes(name) || name === 'run') {
  console.log(`Usage: npm run example NAME\n\nNAME is one of: ${examples.filter((one) => one !== 'run').join(', ')}`);
  process.exit(name === '' ? 0 : 2);
}

const { featureFlags: flags, segments } = JSON.parse(readFileSync(new URL('flags.json', folder), 'utf8')).data;
const production = flags.filter(({ key }: { key: string }) => key !== 'gift-cards' && key !== 'new-checkout');
await using center = await startCenter({
  port: 0,
  environments: [
    { key: 'dev', flags, segments },
    { key: 'production', flags: production, segments },
  ],
});
const [dev, prod] = center.environments;
console.log(`# turn a flag off or on:
# curl -X POST -H "Authorization: Bearer ${center.adminToken}" ${center.url}/api/v1/environments/dev/flags/new-checkout/toggle`);

const secrets = { FB_SECRET: dev?.serverSecret, FB_SECRET_PRODUCTION: prod?.serverSecret };
// Ctrl-C reaches the example too; the center stays until it has ended.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
const example = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL(`${name}.ts`, folder))], {
  stdio: 'inherit',
  env: { ...process.env, ...secrets, FB_URL: center.url },
});
[process.exitCode] = await once(example, 'close');

/** `npm run interop:secrets`: FeatBit's published SDKs through a clock that is off, a rotation of secrets, and a restore. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { playAll } from './interop/scenes.js';
import { SDKS } from './interop/sdks.js';

const HELP = `npm run interop:secrets

Installs FeatBit's SDKs for Node.js and Python in a temporary folder, and connects programs that use them to a flag center on
loopback: while the clocks are 40 s apart, while a secret is replaced by another one with both counting in between, and while
the center is put back to a backup that lacks the last change. It takes about three minutes, leaves nothing behind, and ends with code 1 when something did not go well. Ctrl-C stops it.

  --help   this text`;

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help === true) {
  console.log(HELP);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'fbcenter-interop-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  for (const [index, sdk] of SDKS.entries()) {
    const own = join(folder, String(index));
    mkdirSync(own);
    console.log(`${sdk.name}: installing …`);
    try {
      await playAll(sdk.install(own), own, (name, ok, text) => {
        console.log(`${sdk.name}: ${name}: ${ok ? 'well' : 'NOT WELL'}: ${text}`);
        if (!ok) process.exitCode = 1;
      });
    } catch (error) {
      console.log(`${sdk.name}: NOT WELL: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
}

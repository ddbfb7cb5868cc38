/** `npm run pictures`: takes the pictures of README.md and docs/fbcenter.md anew, from those that the tests of every page leave. */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** By the name in the tests: the name in the guide. */
const SHOWN = {
  'flags-light': 'flags',
  'flag-dark': 'flag',
  'flag-review-light': 'review',
  'flags-narrow': 'narrow',
  'flag-why-light': 'why',
  'flag-insights-light': 'insights',
};

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const { status } = spawnSync('npm', ['run', 'test:web', '--', 'accessibility'], { cwd: root, stdio: 'inherit' });
if (status === 0) {
  for (const [taken, shown] of Object.entries(SHOWN))
    copyFileSync(
      join(root, `packages/fbcenter/web/dist/pictures/${taken}.webp`),
      join(root, `docs/images/${shown}.webp`),
    );
  console.log(`${Object.keys(SHOWN).length} pictures in docs/images are new.`);
}
process.exitCode = status ?? 1;

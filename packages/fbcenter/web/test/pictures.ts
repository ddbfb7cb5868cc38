/** `npm run pictures`: takes the pictures of README.md, docs/fbcenter.md and docs/webhooks.md anew, by the tests that look at these pages. */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** By the name in the tests, the view and how it is looked at: the name in the guide. */
const SHOWN = {
  'flags-light': 'flags',
  'flag-dark': 'flag',
  'flag-review-light': 'review',
  'flags-narrow': 'narrow',
  'flag-why-light': 'why',
  'flag-insights-light': 'insights',
  'webhooks-light': 'webhooks',
};

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const views = Object.keys(SHOWN).map((taken) => taken.replace(/-[a-z]+$/, ''));
const tests = `has figures to show|: '(${views.join('|')})'$`;
const run = ['run', 'test:web', '--', 'accessibility', '--testNamePattern', tests];
const { status } = spawnSync('npm', run, { cwd: root, stdio: 'inherit' });
if (status === 0) {
  const from = join(root, 'packages/fbcenter/web/dist/pictures');
  for (const [taken, shown] of Object.entries(SHOWN))
    copyFileSync(join(from, `${taken}.webp`), join(root, `docs/images/${shown}.webp`));
  console.log(`${Object.keys(SHOWN).length} pictures in docs/images are new.`);
}
process.exitCode = status ?? 1;

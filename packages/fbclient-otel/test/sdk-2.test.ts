import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { OF_ALL } from './support/scene.js';

it('SDK 2 gets log events by the provider that is given, span events and metrics', { timeout: 60_000 }, () => {
  const program = fileURLToPath(new URL('sdk-2.child.ts', import.meta.url));
  const args = ['--conditions=fbclient-source', '--import=tsx', program];
  expect(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))).toEqual({
    logs: [
      {
        eventName: 'feature_flag.evaluation',
        attributes: {
          ...OF_ALL,
          'feature_flag.key': 'theme',
          'feature_flag.result.variant': 'everybody',
          'feature_flag.result.reason': 'default',
          'feature_flag.context.id': 'ada',
          'feature_flag.version': expect.stringMatching(/^\d+$/),
        },
      },
    ],
    spanEvents: ['feature_flag.evaluation'],
    metrics: [['fbclient.evaluations', 1]],
  });
});

/** The center of the run, in a process of its own, so that its memory is its own. */
import { type Center, startCenter } from 'fbcenter';
import type { FromCenter, ToCenter } from './messages.js';

const [flags = '300', polledFlags = '3000'] = process.argv.slice(2);
const everybody = (id: string) => [{ id, rollout: [0, 1] }];

/** A third of the flags ask for a country, a third for a segment, a third divide users in halves. */
function aFlag(index: number) {
  const conditions = [
    [{ property: 'country', op: 'IsOneOf', value: '["NZ","DE"]' }],
    [{ property: 'User is in segment', op: null, value: '["staff"]' }],
  ][index % 3];
  const halves = [
    { id: 'on', rollout: [0, 0.5] },
    { id: 'off', rollout: [0.5, 1] },
  ];
  return {
    key: `flag-${index}`,
    variationType: 'boolean',
    variations: [
      { id: 'on', value: 'true' },
      { id: 'off', value: 'false' },
    ],
    isEnabled: true,
    disabledVariationId: 'off',
    rules: conditions === undefined ? [] : [{ conditions, variations: everybody('on') }],
    fallthrough: { variations: conditions === undefined ? halves : everybody('off') },
  };
}

const environmentOf = (key: string, count: number) => ({
  key,
  segments: [{ id: 'staff', included: Array.from({ length: 100 }, (_, index) => `user-${index * 7}`) }],
  flags: Array.from({ length: count }, (_, index) => aFlag(index)),
});

const center: Center = await startCenter({
  port: 0,
  environments: [environmentOf('dev', Number(flags)), environmentOf('large', Number(polledFlags))],
});
const [dev, large] = center.environments;
if (dev === undefined || large === undefined) throw new Error('the center has no environments');
const tell = (message: FromCenter) => process.send?.(message);

async function switchFlag(): Promise<void> {
  const response = await fetch(`${center.url}/api/v1/environments/dev/flags/flag-1/toggle`, {
    method: 'POST',
    headers: { authorization: `Bearer ${center.adminToken}` },
  });
  const { updatedAt } = (await response.json()) as { readonly updatedAt: string };
  tell({ kind: 'switched', at: started, answered: Date.now(), version: Date.parse(updatedAt) });
}

let started = 0;
process.on('message', (message: ToCenter) => {
  if (message.kind === 'switch') {
    started = Date.now();
    void switchFlag();
  } else tell({ kind: 'memory', rss: process.memoryUsage().rss });
});
process.once('disconnect', () => void center.close());
tell({ kind: 'ready', url: center.url, clientSecret: dev.clientSecret, largeSecret: large.clientSecret });

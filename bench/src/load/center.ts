/** A flag center in a process of its own. */
import { setFlagsFromString } from 'node:v8';
import { startCenter } from 'fbcenter';
import type { CenterSettings, FromCenter } from './messages.js';

// As the command `fbcenter` has it.
setFlagsFromString('--heap-growing-percent=30');

const settings: CenterSettings = JSON.parse(process.argv[2] ?? '{}');
const everybody = (id: string) => [{ id, rollout: [0, 1] }];

/** A third of the flags have rules, a third individual targets, a third a rollout. */
function aFlag(index: number) {
  const rules = [
    {
      name: 'Customers of the first hour',
      conditions: [
        { property: 'country', op: 'IsOneOf', value: '["NZ","DE","FR"]' },
        { property: 'plan', op: 'Equal', value: `plan-${index % 50}` },
      ],
      variations: everybody('on'),
    },
  ];
  const keyIds = Array.from({ length: 8 }, (_, user) => `user-${index * 7 + user}`);
  const halves = [
    { id: 'on', rollout: [0, 0.5] },
    { id: 'off', rollout: [0.5, 1] },
  ];
  return {
    key: `flag-${index}`,
    name: `Flag number ${index}`,
    variationType: 'boolean',
    variations: [
      { id: 'on', name: 'On', value: 'true' },
      { id: 'off', name: 'Off', value: 'false' },
    ],
    isEnabled: true,
    disabledVariationId: 'off',
    targetUsers: index % 3 === 1 ? [{ keyIds, variationId: 'on' }] : [],
    rules: index % 3 === 0 ? rules : [],
    fallthrough: { variations: index % 3 === 2 ? halves : everybody('off') },
  };
}

const { flags, folder, database } = settings;
const center = await startCenter({
  port: 0,
  ...(folder === undefined ? {} : { dataFolder: folder }),
  ...(database === undefined ? {} : { database }),
  environments: [{ key: 'load', flags: Array.from({ length: flags }, (_, index) => aFlag(index)) }],
});
const [environment] = center.environments;
if (environment === undefined) throw new Error('the center has no environment');
const tell = (message: FromCenter) => process.send?.(message);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  tell({ kind: 'usage', cpu: user + system, rss: process.memoryUsage.rss() });
});
process.once('disconnect', () => void center.close().then(() => process.exit()));
tell({ kind: 'ready', url: center.url, token: center.adminToken, secret: environment.serverSecret });

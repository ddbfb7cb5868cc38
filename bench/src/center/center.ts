/**
 * A flag center in a process of its own, with one flag. It says where it is and tells of every commit; any message to it
 * changes the flag.
 */
import { startCenter } from 'fbcenter';
import { type CenterAddress, type CenterCommit, PUSHED_FLAG } from './pushed-flag.js';

const flag = {
  key: PUSHED_FLAG,
  variationType: 'boolean',
  variations: [
    { id: 'on', value: 'true' },
    { id: 'off', value: 'false' },
  ],
  isEnabled: true,
  disabledVariationId: 'off',
  fallthrough: { variations: [{ id: 'on', rollout: [0, 1] }] },
};

const center = await startCenter({ port: 0, environments: [{ key: 'benchmark', flags: [flag] }] });
const [environment] = center.environments;
if (environment === undefined) throw new Error('the center has no environment');
center.onCommit(({ committedAt }) => process.send?.({ committedAt } satisfies CenterCommit));

process.on('message', () => void toggle());
process.on('disconnect', () => void center.close().then(() => process.exit()));
process.send?.({ url: center.url, serverSecret: environment.serverSecret } satisfies CenterAddress);

async function toggle(): Promise<void> {
  const response = await fetch(`${center.url}/api/v1/environments/benchmark/flags/${PUSHED_FLAG}/toggle`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${center.adminToken}` },
  });
  if (!response.ok) throw new Error(`the center answered ${response.status}: ${await response.text()}`);
}

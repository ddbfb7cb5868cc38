/**
 * A flag center in a process of its own: `center.js ENVIRONMENTS`, each with one flag. It says where it is and reports every commit; the
 * number of an environment as a message changes its flag.
 */
import { startCenter } from 'fbcenter';
import { type FromCenter, PUSHED_FLAG } from './pushed-flag.js';

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

const report = (message: FromCenter): unknown => process.send?.(message);

const count = Number(process.argv[2] ?? 1);
const environments = Array.from({ length: count }, (_, index) => ({ key: `benchmark-${index}`, flags: [flag] }));
const center = await startCenter({ port: 0, environments });
center.onCommit(({ committedAt }) => report({ kind: 'commit', committedAt }));

process.on('message', (index: number) => void toggle(index));
process.on('disconnect', () => void center.close().then(() => process.exit()));
const serverSecrets = environments.map(({ key }) => {
  const made = center.environments.find((one) => one.key === key);
  if (made === undefined) throw new Error(`the center has no environment ${key}`);
  return made.serverSecret;
});
report({ kind: 'ready', url: center.url, serverSecrets });

async function toggle(index: number): Promise<void> {
  const path = `/api/v1/environments/benchmark-${index}/flags/${PUSHED_FLAG}/toggle`;
  const response = await fetch(`${center.url}${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${center.adminToken}` },
  });
  if (!response.ok) throw new Error(`the center answered ${response.status}: ${await response.text()}`);
}

import type { EnvironmentListBody } from '../api/answers.js';
import { CenterError } from '../errors.js';
import { noSuchEnvironment } from '../manage/apply.js';
import type { Management } from '../manage/management.js';

/** The key of the environment that is given, or of the only one there is. @throws CenterError that says which there are. */
export async function environmentOf(given: string | undefined, management: Management): Promise<string> {
  if (given !== undefined) return knownEnvironment(given, management);
  const { items } = await management.call<EnvironmentListBody>('/environments');
  const [only, ...others] = items;
  if (only !== undefined && others.length === 0) return only.key;
  const keys = items.map(({ key }) => key).join(', ');
  throw new CenterError('invalid-config', `Give --environment: there ${keys === '' ? 'is none here' : `are ${keys}`}`);
}

/** @throws CenterError when there is no such environment. */
export async function knownEnvironment(key: string, management: Management): Promise<string> {
  const { items } = await management.call<EnvironmentListBody>('/environments');
  if (items.some((item) => item.key === key)) return key;
  throw noSuchEnvironment(key, items);
}

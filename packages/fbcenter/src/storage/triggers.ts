import type { Environment } from '../model/environment.js';
import type { Trigger } from '../model/trigger.js';

/** What can be changed of a trigger; what is absent stays. */
interface TriggerChange {
  readonly name?: string;
  readonly isEnabled?: boolean;
  /** Its new token, as a digest, and how that begins. */
  readonly token?: { readonly digest: string; readonly start: string };
}

/** The triggers of flags. Their tokens are kept as digests only. */
export interface Triggers {
  /** The trigger of this digest with its environment, whether it is enabled or not. */
  byDigest(digest: string): Promise<{ readonly trigger: Trigger; readonly environment: Environment } | undefined>;
  /** In the order in which they were made. @param flagKey absent = those of every flag. */
  list(environmentId: string, flagKey?: string): Promise<readonly Trigger[]>;
  add(
    trigger: Pick<Trigger, 'environmentId' | 'flagKey' | 'name' | 'action' | 'start' | 'createdBy'>,
    digest: string,
  ): Promise<Trigger>;
  /** @returns it as it is now; `undefined` when there is none. */
  change(id: string, change: TriggerChange): Promise<Trigger | undefined>;
  /** @returns `false` when there is none. */
  remove(id: string): Promise<boolean>;
  /** Removes those of a flag that is gone. */
  removeOf(environmentId: string, flagKey: string): Promise<void>;
  /** Counts a use. A power cut may take the last ones. */
  used(id: string, at: number): Promise<void>;
}

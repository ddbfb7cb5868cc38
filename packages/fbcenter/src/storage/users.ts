import type { User } from '../model/user.js';

/** What can be changed of a user; what is absent stays. */
export interface UserChange {
  readonly grants?: User['grants'];
  readonly isDisabled?: boolean;
  /** The hash of the new password. */
  readonly password?: string;
  readonly lastSignInAt?: number;
}

/** Those who sign in. */
export interface Users {
  /** Ordered by name. */
  list(): Promise<readonly User[]>;
  byId(id: string): Promise<User | undefined>;
  /** Takes no notice of case and of spaces around. */
  byName(name: string): Promise<User | undefined>;
  bySubject(subject: string): Promise<User | undefined>;
  /** The hash of a user's password: a credential. */
  passwordOf(id: string): Promise<string | undefined>;
  /** @returns `undefined` when there is a user of this name, or with this subject. */
  add(user: Pick<User, 'name' | 'grants' | 'subject'>): Promise<User | undefined>;
  /** @returns the user as it is now; `undefined` when there is none. */
  change(id: string, change: UserChange): Promise<User | undefined>;
  /** Removes a user with its sessions and links. @returns `false` when there is none. */
  remove(id: string): Promise<boolean>;
}

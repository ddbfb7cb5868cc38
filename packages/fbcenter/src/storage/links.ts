import type { Link } from '../model/user.js';

/** The links that let somebody set a password. They are kept as digests only. */
export interface Links {
  byDigest(digest: string): Promise<Link | undefined>;
  /** Keeps a link in the place of every other one for the same user, or for the first admin. */
  put(link: Link, digest: string): Promise<void>;
  /** Takes a link away, so that nobody else can follow it. @returns `undefined` when it is not there. */
  take(digest: string): Promise<Link | undefined>;
}

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../model/refusal.js';
import { foldedName } from '../model/user.js';

/** What guessing a password costs: see scrypt (RFC 7914). It takes 128 · N · r bytes of memory. */
export interface PasswordCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/**
 * Half a second and 32 MiB. OWASP counts it as much as one run of 128 MiB; but anybody can have a password looked at, and that
 * would be more memory than everything else in a center.
 */
export const PASSWORD_COST: PasswordCost = { N: 2 ** 15, r: 8, p: 3 };

/** Those who wait for their turn; whoever comes then is refused. */
const MAX_WAITING = 16;

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MIN_LENGTH = 12;
/** Longer than anybody types, and short enough to cost nothing. */
const MAX_LENGTH = 256;

/**
 * Hashes passwords off the event loop, one at a time: each takes a lot of memory, and whoever sends many sign-ins at once must not take all
 * that there is.
 */
export class Passwords {
  readonly #cost: PasswordCost;
  /** What is compared where there is nothing to compare, so that it takes as long. */
  readonly #nobodys: string;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(cost = PASSWORD_COST) {
    this.#cost = cost;
    this.#nobodys = written(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  }

  /** @returns what to keep. @throws Refusal `busy` when too many wait. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return written(this.#cost, salt, await this.#derive(password, salt, this.#cost));
  }

  /**
   * Whether a password is the one that was hashed; takes as long when there is none.
   *
   * @throws Refusal `busy` when too many wait.
   */
  async verify(password: string, kept: string | undefined): Promise<boolean> {
    const { cost, salt, hash } = read(kept ?? this.#nobodys);
    const derived = await this.#derive(password, salt, cost);
    return timingSafeEqual(derived, hash) && kept !== undefined;
  }

  #derive(password: string, salt: Buffer, { N, r, p }: PasswordCost): Promise<Buffer> {
    if (this.#waiting >= MAX_WAITING) {
      throw new Refusal('busy', 'Too many people sign in at the same time: try again in a few seconds.');
    }
    this.#waiting += 1;
    // The same letters can be written in two ways, and keyboards differ in which.
    const text = password.slice(0, MAX_LENGTH).normalize('NFKC');
    const options: ScryptOptions = { N, r, p, maxmem: 128 * r * (N + p + 3) };
    const derived = this.#last.then(
      () =>
        new Promise<Buffer>((resolve, reject) => {
          scrypt(text, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
        }),
    );
    this.#last = derived
      .catch(() => {})
      .then(() => {
        this.#waiting -= 1;
      });
    return derived;
  }
}

/** Why a password is not taken, or nothing. Length is what makes one hard to guess; rules about characters make them alike. */
export function passwordProblem(password: unknown, name: string): string | undefined {
  if (typeof password !== 'string') return 'Must be a string.';
  const length = [...password].length;
  if (length < MIN_LENGTH) return `Must have ${MIN_LENGTH} characters or more.`;
  if (password.length > MAX_LENGTH) return `Must not be longer than ${MAX_LENGTH} characters.`;
  if (new Set(password).size < 4) return 'Must not repeat a few characters.';
  const own = foldedName(name);
  // Of a shorter name the letters are in many passwords by chance.
  if (own.length >= 4 && foldedName(password).includes(own)) return 'Must not have the name of its user in it.';
  return undefined;
}

function written({ N, r, p }: PasswordCost, salt: Buffer, hash: Buffer): string {
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

function read(kept: string): { readonly cost: PasswordCost; readonly salt: Buffer; readonly hash: Buffer } {
  const [, N, r, p, salt = '', hash = ''] = kept.split('$');
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

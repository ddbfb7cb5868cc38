import { createHash } from 'node:crypto';
import { isPrivateAddress, literalAddress } from './address-guard.js';

const MAX_LENGTH = 2_048;

/** Why a text cannot be the address of a webhook, for whoever has sent it. Names are looked up when something is sent. */
export function urlProblem(text: unknown, toPrivate: boolean): string | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH || !URL.canParse(text)) {
    return `Must be an http or https URL of up to ${MAX_LENGTH.toLocaleString('en')} characters.`;
  }
  const { protocol, username, password, hash, hostname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'Must begin with https:// or http://.';
  if (`${username}${password}` !== '') return 'Must not have a user and a password in it.';
  if (hash !== '') return 'Must not have a part after #.';
  const literal = literalAddress(hostname);
  const isInside = literal === undefined ? /(?:^|\.)localhost\.?$/.test(hostname) : isPrivateAddress(literal);
  if (!isInside || toPrivate) return undefined;
  return 'Is an address of a private network: the center sends nothing there unless it is started with --webhooks-to-private.';
}

/** An address as the audit log has it: the path may hold a credential, so that only shows whether it is another one. */
export function addressText(url: string): string {
  return `${new URL(url).host} #${createHash('sha256').update(url).digest('hex').slice(0, 8)}`;
}

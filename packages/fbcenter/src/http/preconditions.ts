import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '../model/refusal.js';

/** Whether something may happen to what has an entity tag; `undefined` = what is not there. */
export type Precondition = (tag: string | undefined) => boolean;

/** An entity tag as headers have it; of ours the version may stand alone, without quotes. */
interface Tag {
  readonly isWeak: boolean;
  readonly value: string;
}

/** One tag of a list, or the commas between (a list may have empty entries). The characters are those of RFC 9110, 8.8.3. */
const ITEM = /[ \t,]*(?:(W\/)?"([!\x23-\x7e\x80-\xff]*)"|(\d{1,16})(?=[ \t,]|$))(?=[ \t]*(?:,|$))/y;

/**
 * What `If-Match` and `If-None-Match` demand (RFC 9110, 13.1). A weak tag never matches in `If-Match`.
 *
 * @returns `undefined` when there is neither.
 * @throws Refusal when one of them cannot be read: what it was to prevent must not happen.
 */
export function preconditionOf(headers: IncomingHttpHeaders): Precondition | undefined {
  const match = read(headers['if-match'], 'If-Match');
  const noneMatch = read(headers['if-none-match'], 'If-None-Match');
  if (match === undefined && noneMatch === undefined) return undefined;
  return (tag) =>
    (match === undefined || has(match, tag, true)) && (noneMatch === undefined || !has(noneMatch, tag, false));
}

/** Whether the caller of a GET has what it would get: then 304 without it is the answer. */
export function isKnown(headers: IncomingHttpHeaders, tag: string): boolean {
  const header = headers['if-none-match'];
  if (header === undefined) return false;
  return has(header.trim() === '*' ? '*' : (readTags(header) ?? []), tag, false);
}

function has(list: '*' | readonly Tag[], tag: string | undefined, isStrong: boolean): boolean {
  if (tag === undefined) return false;
  if (list === '*') return true;
  const [own] = readTags(tag) ?? [];
  return list.some(({ isWeak, value }) => value === own?.value && !(isStrong && (isWeak || own.isWeak)));
}

function read(header: string | undefined, name: string): '*' | readonly Tag[] | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  const tags = readTags(header);
  if (tags !== undefined) return tags;
  throw new Refusal(
    'invalid-request',
    `${name} must be * or tags as in ETag, such as "1700000000000", with commas between.`,
  );
}

/** @returns `undefined` when the text is no list of tags. */
function readTags(text: string): readonly Tag[] | undefined {
  const tags: Tag[] = [];
  ITEM.lastIndex = 0;
  let end = 0;
  for (let item = ITEM.exec(text); item !== null; item = ITEM.exec(text)) {
    const [, weak, quoted, bare = ''] = item;
    tags.push({ isWeak: weak !== undefined, value: quoted ?? bare });
    end = ITEM.lastIndex;
  }
  return tags.length > 0 && /^[ \t,]*$/.test(text.slice(end)) ? tags : undefined;
}

import type { DocumentKind, StoredDocument } from '../model/document.js';
import type { Documents } from './documents.js';

/** How much is read at a time, in UTF-16 units: a millisecond or two. */
const PAGE_LENGTH = 256 * 1024;
const MAX_PAGE = 64;
/** Before anything is known of how long they are. */
export const FIRST_PAGE = 4;

/** How many documents are likely to be a page, by those of the page before. */
export function nextPage(before: readonly { readonly text: string }[]): number {
  const length = before.reduce((sum, { text }) => sum + text.length, 0) / before.length;
  return Math.max(1, Math.min(MAX_PAGE, Math.round(PAGE_LENGTH / length)));
}

/**
 * The documents of a kind by key, in pages that are read one by one: all of them may be megabytes, and reading them in one go would
 * hold everybody up. What changes meanwhile may be in it or not.
 */
export async function* documentPages(
  documents: Pick<Documents, 'list'>,
  environmentId: string,
  kind: DocumentKind,
  query: { readonly archived?: boolean | undefined; readonly after?: string | undefined },
): AsyncGenerator<readonly StoredDocument[], void, undefined> {
  let limit = FIRST_PAGE;
  for (let { after } = query; ; ) {
    const page = await documents.list(environmentId, kind, { ...query, after, limit });
    yield page;
    if (page.length < limit) return;
    after = page.at(-1)?.key;
    limit = nextPage(page);
  }
}

import type { IncomingHttpHeaders } from 'node:http';
import { AUDIT_LIMITS, type ChangeNote } from '../model/audit.js';
import { Refusal } from '../model/refusal.js';

/**
 * What a request says about its change: `x-change-comment`, a text whose characters beyond ASCII are written as `%xx` of UTF-8 or as
 * they are, and `x-change-group`, the same for everything that one act changes.
 *
 * @throws Refusal when one of them cannot be kept: what was said would be lost.
 */
export function changeNoteOf(headers: IncomingHttpHeaders): ChangeNote {
  return { comment: commentIn(headers['x-change-comment']), group: groupIn(headers['x-change-group']) };
}

function commentIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const comment = decoded(String(header)).trim();
  if (comment.length > AUDIT_LIMITS.comment) {
    const most = AUDIT_LIMITS.comment.toLocaleString('en');
    throw new Refusal('invalid-request', `x-change-comment: Must not be longer than ${most} characters.`);
  }
  if (/[^\P{Cc}\n\t]|\p{Cs}/u.test(comment)) {
    throw new Refusal('invalid-request', 'x-change-comment: Must not contain control characters.');
  }
  return comment === '' ? undefined : comment;
}

function groupIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined || /^[\w-]{1,64}$/.test(String(header))) return header && String(header);
  throw new Refusal('invalid-request', 'x-change-group: Must be 1 to 64 of the characters A-Z a-z 0-9 _ -.');
}

/** Headers come byte by byte: what is UTF-8 is read as such. A `%` that begins nothing stands for itself. */
function decoded(header: string): string {
  const text = utf8In(header);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function utf8In(header: string): string {
  const text = Buffer.from(header, 'latin1').toString();
  return text.includes('\ufffd') ? header : text;
}

import { misreadNumber } from '../model/exact-number.js';
import type { Fault } from '../model/fault.js';
import { endOfString } from '../model/nesting.js';
import type { JsonPlace } from './long-json.js';

/** Only such a text can have a number that is too long, too large or too small. Most have none, and need not be gone through. */
const SUSPICIOUS = /\d{16}|\d[eE][-+]?\d|\d\.\d{12}/;

const NUMBER = /-?\d[\d.eE+-]*/y;

/** Who sends more has sent something else than a document. */
export const MAX_FAULTS = 20;

/**
 * The numbers of a JSON text that would be read as other ones, each with its place: `JSON.parse` says nothing about them.
 *
 * @param json text that can be parsed, and is not nested deeply; or a part of one, from comma to comma.
 * @param place of the part: in each open list or object an index or a name.
 */
export function misreadNumbers(json: string, place: JsonPlace = []): readonly Fault[] {
  if (!SUSPICIOUS.test(json)) return [];
  const faults: Fault[] = [];
  const path = [...place];
  let text = '';
  for (let at = 0; at < json.length && faults.length < MAX_FAULTS; at += 1) {
    const innermost = path.at(-1);
    switch (json[at]) {
      case '"': {
        const end = endOfString(json, at + 1);
        text = json.slice(at, end + 1);
        at = end;
        break;
      }
      case ':':
        path[path.length - 1] = String(JSON.parse(text));
        break;
      case ',':
        if (typeof innermost === 'number') path[path.length - 1] = innermost + 1;
        break;
      case '[':
        path.push(0);
        break;
      case '{':
        path.push('');
        break;
      case ']':
      case '}':
        path.pop();
        break;
      default: {
        NUMBER.lastIndex = at;
        const [number] = NUMBER.exec(json) ?? [];
        if (number === undefined) break;
        at += number.length - 1;
        const becomes = misreadNumber(number);
        if (becomes !== undefined) faults.push(faultAt(path, number, becomes));
      }
    }
  }
  return faults;
}

function faultAt(path: readonly (number | string)[], number: string, becomes: string): Fault {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  const shown = number.length <= 40 ? number : `${number.slice(0, 40)}…`;
  return {
    code: 'inexact-number',
    path: place.replace(/^\./, ''),
    message: `${shown} would become ${becomes}: write it as text, in quotes, or with fewer digits.`,
  };
}

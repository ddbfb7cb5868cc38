import { endOfString, MAX_DEPTH } from '../model/nesting.js';
import { Turns } from '../runtime/turns.js';

/** What is parsed in one go, in UTF-16 units: half a millisecond. */
const STEP = 64 * 1024;
/** Characters that are looked at before the event loop may get a turn. */
const LOOKS = 4 * 1024;

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d];
const BLANK = /^[ \t\n\r]*$/;
/** The name of a member, before a value that is parsed by itself. */
const NAME = /^[ \t\n\r]*("(?:[^"\\]|\\.)*")[ \t\n\r]*:[ \t\n\r]*$/s;

/** Where each open list or object a value is in: an index or a name. */
export type JsonPlace = readonly (number | string)[];

/** Some neighbours in a list or object, as the text has them: with commas between, and names before them. */
type Look = (text: string, place: JsonPlace) => void;

/** A part of the inside of a list or object, from one comma to another. */
interface Span {
  readonly text: string;
  /** In the place of the text: one long value, from its bracket on, and what is before that. */
  readonly long?: { readonly start: number; readonly end: number; readonly before: string };
}

/**
 * The same as `JSON.parse`, in turns of the event loop: a text of megabytes would hold it for a second.
 *
 * @param look is shown all of the text, in parts, with the place of the first value in each.
 * @returns `'too-deep'` when it is nested deeper than is taken.
 * @throws SyntaxError when the text is no JSON.
 */
export async function parseLongJson(
  json: string,
  look: Look,
  step = STEP,
): Promise<{ readonly value: unknown } | 'too-deep'> {
  const turns = new Turns();
  const ends = await longValuesIn(json, turns, step);
  if (ends === 'too-deep') return ends;
  return { value: await new LongJson(json, ends, turns, look, step).whole() };
}

/** The lists and objects that are long, by where they begin: where they end. */
async function longValuesIn(
  json: string,
  turns: Turns,
  step: number,
): Promise<ReadonlyMap<number, number> | 'too-deep'> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  let looks = 0;
  for (let at = 0; at < json.length; at++) {
    looks += 1;
    if (looks % LOOKS === 0 && turns.isDue) await turns.next();
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at + 1);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      open.push(at);
      if (open.length > MAX_DEPTH) return 'too-deep';
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      const start = open.pop();
      if (start === undefined) throw new SyntaxError();
      if (at - start > step) ends.set(start, at + 1);
    }
  }
  if (open.length > 0) throw new SyntaxError();
  return ends;
}

/** Takes a text apart where it is long, and lets the engine parse what is short. */
class LongJson {
  readonly #json: string;
  readonly #ends: ReadonlyMap<number, number>;
  readonly #turns: Turns;
  readonly #look: Look;
  readonly #step: number;

  constructor(json: string, ends: ReadonlyMap<number, number>, turns: Turns, look: Look, step: number) {
    this.#json = json;
    this.#ends = ends;
    this.#turns = turns;
    this.#look = look;
    this.#step = step;
  }

  async whole(): Promise<unknown> {
    const json = this.#json;
    const start = json.search(/[^ \t\n\r]/);
    const end = this.#ends.get(start);
    if (end === undefined) {
      const value: unknown = JSON.parse(json);
      this.#look(json, []);
      return value;
    }
    demandBlank(json.slice(end));
    return this.#longValue(start, end, []);
  }

  #longValue(start: number, end: number, place: JsonPlace): Promise<unknown> {
    const isList = this.#json.charCodeAt(start) === OPEN_LIST;
    if (this.#json.charCodeAt(end - 1) !== (isList ? CLOSE_LIST : CLOSE_OBJECT)) throw new SyntaxError();
    return isList ? this.#list(start + 1, end - 1, place) : this.#object(start + 1, end - 1, place);
  }

  async #list(start: number, end: number, place: JsonPlace): Promise<unknown[]> {
    const items: unknown[] = [];
    for await (const { text, long } of this.#spans(start, end)) {
      const own = [...place, items.length];
      if (long === undefined) {
        const some: unknown[] = JSON.parse(`[${text}]`);
        if (some.length === 0) throw new SyntaxError();
        this.#look(text, own);
        for (const item of some) items.push(item);
      } else {
        demandBlank(long.before);
        items.push(await this.#longValue(long.start, long.end, own));
      }
    }
    return items;
  }

  async #object(start: number, end: number, place: JsonPlace): Promise<object> {
    const object = {};
    // As JSON.parse does it: __proto__ is a name like any other.
    const set = (name: string, value: unknown) =>
      Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
    for await (const { text, long } of this.#spans(start, end)) {
      if (long === undefined) {
        const some = Object.entries(JSON.parse(`{${text}}`));
        if (some.length === 0) throw new SyntaxError();
        this.#look(text, [...place, '']);
        for (const [name, value] of some) set(name, value);
      } else {
        const [, quoted] = NAME.exec(long.before) ?? [];
        if (quoted === undefined) throw new SyntaxError();
        const name = String(JSON.parse(quoted));
        set(name, await this.#longValue(long.start, long.end, [...place, name]));
      }
    }
    return object;
  }

  /** The inside of a list or object, from comma to comma: each long value by itself, others together as far as they are short. */
  async *#spans(from: number, to: number): AsyncGenerator<Span, void, undefined> {
    const json = this.#json;
    if (BLANK.test(json.slice(from, to))) return;
    let [start, depth, looks] = [from, 0, 0];
    /** The comma before what is being looked at. */
    let comma = from - 1;
    let long: { readonly start: number; readonly end: number } | undefined;
    for (let at = from; at <= to; at++) {
      looks += 1;
      if (looks % LOOKS === 0 && this.#turns.isDue) await this.#turns.next();
      const code = at === to ? COMMA : json.charCodeAt(at);
      if (code === QUOTE) at = endOfString(json, at + 1);
      else if (code === OPEN_LIST || code === OPEN_OBJECT) {
        const end = this.#ends.get(at);
        if (end === undefined) depth += 1;
        else {
          if (long !== undefined) throw new SyntaxError();
          // What comes before it is a span of its own.
          if (comma >= start) yield { text: json.slice(start, comma) };
          start = comma + 1;
          long = { start: at, end };
          at = end - 1;
        }
      } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
      else if (code === COMMA && depth === 0) {
        if (long !== undefined) {
          demandBlank(json.slice(long.end, at));
          yield { text: '', long: { ...long, before: json.slice(start, long.start) } };
          start = at + 1;
        } else if (at - start > this.#step || (at === to && at > start)) {
          yield { text: json.slice(start, at) };
          start = at + 1;
          // Nothing comes after the last comma.
        } else if (at === to && start > from) throw new SyntaxError();
        long = undefined;
        comma = at;
      }
    }
  }
}

/** @throws SyntaxError when there is something where nothing may be. */
function demandBlank(text: string): void {
  if (!BLANK.test(text)) throw new SyntaxError();
}

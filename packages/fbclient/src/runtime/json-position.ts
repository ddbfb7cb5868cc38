/** Everything that is a value without being a string or a bracket. */
const OTHER_VALUE = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** What may come next. */
type Expectation =
  | 'a value'
  | 'a value or ]'
  | 'a property name or }'
  | 'a property name'
  | ':'
  | ', or }'
  | ', or ]'
  | 'the end';

/** A place in a text; lines and columns count from 1, columns in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Where a text stops being JSON. */
export interface JsonFault extends TextPlace {
  /** What should have been there. */
  readonly expected: string;
}

/** Parts of JSON that are read in one step. */
const STEP = 2_000;

/** Takes all steps at once. */
function allAtOnce<T>(steps: Iterator<void, T, undefined>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Finds where a text stops being JSON. JavaScript's own parser gives the position of some faults only, in words that
 * differ by version and that quote the text.
 *
 * @param until how far to search: a fault that begins behind it is not found.
 * @returns `undefined` when there is none.
 */
export function findJsonFault(text: string, until: number = text.length): JsonFault | undefined {
  return allAtOnce(jsonFaultSteps(text, until));
}

/** As {@link findJsonFault}, step by step: a text of megabytes takes long. */
export function* jsonFaultSteps(text: string, until: number): Generator<void, JsonFault | undefined, undefined> {
  const open: ('{' | '[')[] = [];
  let expected: Expectation = 'a value';
  let at = 0;
  for (let count = 1; ; count++) {
    if (count % STEP === 0) yield;
    at = afterSpace(text, at);
    if (at > until || (at === text.length && expected === 'the end')) return undefined;
    const token = readToken(text, at);
    const next = follow(expected, token?.kind, open);
    if (next === undefined || token === undefined) return { ...lineAndColumn(text, at), expected };
    expected = next;
    at = token.end;
  }
}

/** A part of JSON: a bracket, a colon, a comma, a `string` or another `value`; and where it ends. */
interface Token {
  readonly kind: string;
  readonly end: number;
}

/** @returns `undefined` when the text has no part of JSON at a place. */
function readToken(text: string, at: number): Token | undefined {
  const first = text.charAt(at);
  if (first !== '' && '{}[],:'.includes(first)) return { kind: first, end: at + 1 };
  const end = first === '"' ? endOfString(text, at + 1) : endOfMatch(OTHER_VALUE, text, at);
  return end === undefined ? undefined : { kind: first === '"' ? 'string' : 'value', end };
}

// Character by character: a pattern would keep a way back for each of them, which takes minutes for megabytes.
function afterSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  return at;
}

function endOfString(text: string, start: number): number | undefined {
  let at: number | undefined = start;
  while (at !== undefined && at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return at + 1;
    if (unit < 0x20) return undefined;
    at = unit === 0x5c ? endOfMatch(ESCAPE, text, at) : at + 1;
  }
  return undefined;
}

function endOfMatch(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function follow(expected: Expectation, token: string | undefined, open: ('{' | '[')[]): Expectation | undefined {
  if ((token === '}' || token === ']') && expected.endsWith(token)) {
    open.pop();
    return afterValue(open);
  }
  switch (expected) {
    case 'a value':
    case 'a value or ]':
      if (token === '{' || token === '[') {
        open.push(token);
        return token === '{' ? 'a property name or }' : 'a value or ]';
      }
      return token === 'string' || token === 'value' ? afterValue(open) : undefined;
    case 'a property name':
    case 'a property name or }':
      return token === 'string' ? ':' : undefined;
    case ':':
      return token === ':' ? 'a value' : undefined;
    case ', or }':
      return token === ',' ? 'a property name' : undefined;
    case ', or ]':
      return token === ',' ? 'a value' : undefined;
    case 'the end':
      return undefined;
  }
}

function afterValue(open: readonly ('{' | '[')[]): Expectation {
  const innermost = open.at(-1);
  if (innermost === undefined) return 'the end';
  return innermost === '{' ? ', or }' : ', or ]';
}

/** A value around the place that is being read: the property or the index that is read of it. */
interface Container {
  readonly isArray: boolean;
  at: string | number;
}

/**
 * Finds a value in a text that is JSON.
 *
 * @param path property names and indexes from the outermost value to it. If something on the way is not there, the place of
 * the value around it is given.
 */
export function findJsonValue(text: string, path: readonly (string | number)[]): TextPlace {
  return allAtOnce(jsonValueSteps(text, path));
}

/** As {@link findJsonValue}, step by step: a text of megabytes takes long. */
export function* jsonValueSteps(
  text: string,
  path: readonly (string | number)[],
): Generator<void, TextPlace, undefined> {
  let count = 0;
  const around: Container[] = [];
  let found = { depth: 0, at: 0 };
  let isName = false;
  let token: Token | undefined;
  for (let at = afterSpace(text, 0); at < text.length; at = afterSpace(text, token.end)) {
    count += 1;
    if (count % STEP === 0) yield;
    token = readToken(text, at);
    if (token === undefined) break;
    const { kind, end } = token;
    const container = around.at(-1);
    if (kind === ':' || kind === '}' || kind === ']' || kind === ',') {
      isName = kind === ',' && container?.isArray === false;
      if (kind === ',' && container?.isArray === true) container.at = Number(container.at) + 1;
      if (kind === '}' || kind === ']') around.pop();
    } else if (isName && container !== undefined) {
      container.at = JSON.parse(text.slice(at, end));
      isName = false;
    } else {
      const isOnTheWay = around.length <= path.length && around.every((one, depth) => one.at === path[depth]);
      if (isOnTheWay && around.length >= found.depth) found = { depth: around.length, at };
      if (kind === '{' || kind === '[') around.push({ isArray: kind === '[', at: kind === '[' ? 0 : '' });
      isName = kind === '{';
    }
  }
  return lineAndColumn(text, found.at);
}

function lineAndColumn(text: string, at: number): TextPlace {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return { line, column: at - before.lastIndexOf('\n') };
}

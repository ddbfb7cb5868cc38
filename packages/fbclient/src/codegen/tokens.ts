// JavaScript, TypeScript and what holds it (JSX, Vue, Svelte) as far as `scan` needs it: which texts are literals, and what
// stands beside them. It never fails: what it takes for a literal by mistake ends at the end of the line.

export interface Token {
  /** `template`: a part of one with `${…}` in it, so that its text is not known. */
  readonly kind: 'literal' | 'template' | 'name' | 'sign';
  /** A literal's value; otherwise as it is written. */
  readonly text: string;
  /** Where it begins, from 0. */
  readonly at: number;
}

/** Words after which a `/` begins a regular expression. */
const BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'void',
  'delete',
  'await',
  'yield',
  'do',
  'else',
]);

const SKIPPED = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/y;
const NAME = /[\p{ID_Start}$_#@][\p{ID_Continue}$]*/uy;
const NUMBER = /\d[\w.]*/y;
const STRING = /(['"])((?:\\[\s\S]|(?!\1)[^\\\n])*)\1?/y;
/** From a backtick or the end of a `${…}` to the next of either. */
const TEMPLATE_PART = /[`}]((?:\\[\s\S]|\$(?!\{)|[^\\`$])*)(`|\$\{|$)/y;
/** Of a bounded length: what is none, in a file that is one long line, would be looked at to its end again and again. */
const REGEX = /\/(?:\\[^\n]|\[(?:\\[^\n]|[^\]\\\n]){0,500}\]|[^/\\[\n]){1,1000}\/[a-z]*/y;
const SIGN = /\?\.(?!\d)|=>|&&|\|\||\?\?|[\s\S]/y;

/** Reads a source text. */
export function tokensOf(source: string): Token[] {
  return new Tokenizer(source).tokens;
}

class Tokenizer {
  readonly tokens: Token[] = [];
  readonly #source: string;
  #at = 0;
  /** For each `${` that is open: how many braces are open in it. */
  readonly #braces: number[] = [];

  constructor(source: string) {
    this.#source = source;
    while (this.#at < source.length) if (this.#take(SKIPPED) === undefined) this.#next();
  }

  /** Goes behind what a pattern matches here. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  #next(): void {
    const at = this.#at;
    const char = this.#source[at];
    if (char === '`' || (char === '}' && this.#braces.at(-1) === 0)) {
      this.#template(char === '`');
      return;
    }
    const string = this.#take(STRING);
    if (string !== undefined) {
      this.tokens.push({ kind: 'literal', text: unescaped(string[2] ?? ''), at });
      return;
    }
    const name = this.#take(NAME);
    if (name !== undefined) {
      this.tokens.push({ kind: 'name', text: name[0], at });
      return;
    }
    if (this.#take(NUMBER) !== undefined) return;
    if (mayBeRegex(this.tokens.at(-1)) && this.#take(REGEX) !== undefined) return;
    this.#sign();
  }

  #template(isStart: boolean): void {
    const at = this.#at;
    const [, text = '', end] = this.#take(TEMPLATE_PART) ?? [];
    if (!isStart) this.#braces.pop();
    if (end === '${') this.#braces.push(0);
    const isWhole = isStart && end !== '${';
    this.tokens.push({ kind: isWhole ? 'literal' : 'template', text: unescaped(text), at });
  }

  #sign(): void {
    const at = this.#at;
    const [text = ''] = this.#take(SIGN) ?? [];
    this.tokens.push({ kind: 'sign', text, at });
    const open = this.#braces.pop();
    if (open !== undefined) this.#braces.push(open + (text === '{' ? 1 : text === '}' ? -1 : 0));
  }
}

/** Whether a `/` after this token cannot be a division. */
function mayBeRegex(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'name') return BEFORE_REGEX.has(before.text);
  return before.kind === 'sign' && ![')', ']', '}'].includes(before.text);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0' };

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|(\r?\n)|([\s\S]))/gi,
    (_, long, four, two, line, other) => {
      const code = Number.parseInt(long ?? four ?? two ?? '', 16);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      return line === undefined ? (ESCAPES[other] ?? other ?? '') : '';
    },
  );
}

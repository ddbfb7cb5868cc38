import { Failure } from './failure.js';
import type { Pattern } from './pattern.js';
import type { PatternNode } from './pattern-node.js';
import { MAX_PATTERN_LENGTH, parsePattern } from './pattern-syntax.js';
import { boundedSource, Program } from './re2-program.js';
import { asksFor } from './re2-source.js';

/**
 * Patterns that are kept compiled, whichever flags they are of, and how long they may be together, in UTF-16 units: for each of these
 * some hundred bytes are kept. With more, those go that were asked for longest ago.
 */
const MAX_COMPILED = 1_000;
const MAX_COMPILED_LENGTH = 50_000;
const COMPILED = new Map<string, Pattern | Failure>();
let compiledLength = 0;

/**
 * Compiles a pattern, once for each text in the process, for an engine whose run time is linear in the text: no pattern and no
 * attribute can hold an evaluation up. A pattern means what it means on FeatBit's server, or it is refused.
 *
 * @returns a failure that says why the pattern cannot be used: it is invalid, uses what is not supported (look-around,
 * back-references, classes within classes), or is too large.
 */
export function compilePattern(source: string): Pattern | Failure {
  const known = COMPILED.get(source);
  const pattern = known ?? boundedPattern(source);
  // It costs nothing to refuse, and is as long as somebody wants it to be.
  if (source.length > MAX_PATTERN_LENGTH) return pattern;
  if (known === undefined) compiledLength += source.length;
  else COMPILED.delete(source);
  COMPILED.set(source, pattern);
  for (const oldest of COMPILED.keys()) {
    if (COMPILED.size <= MAX_COMPILED && compiledLength <= MAX_COMPILED_LENGTH) break;
    COMPILED.delete(oldest);
    compiledLength -= oldest.length;
  }
  return pattern;
}

function boundedPattern(source: string): Pattern | Failure {
  const parsed = parsePattern(source);
  if (typeof parsed === 'string') return new Failure(`a pattern cannot be used: ${parsed}`);
  const written = boundedSource(parsed, 'ascii');
  return written instanceof Failure ? written : new CompiledPattern(parsed);
}

/** Answers that are remembered, of all patterns together: about a megabyte. When there are more, all are forgotten. */
const MAX_REMEMBERED = 10_000;
/** Longest text whose answer is remembered, in UTF-16 units. */
const MAX_REMEMBERED_TEXT = 100;

// Users come back, and an answer takes the engine microseconds: the last ones are kept. By a weak map, because patterns go
// when their flags are replaced.
let remembered = new WeakMap<CompiledPattern, Map<string, boolean>>();
let count = 0;

const ASCII = /^[\0-\x7f]*$/;

const LAST_LINE_FEED = new Failure(
  'an attribute ends in a line feed, and a pattern asks for more behind a line end, which is not supported',
);

/** Programs are compiled when a text first needs them: many patterns never see anything but ASCII, many no text at all. */
class CompiledPattern implements Pattern {
  readonly #node: PatternNode;
  readonly #knowsWords: boolean;
  readonly #lineEnd: LineEnd;
  #onAscii: Program | Failure | undefined;
  #onOthers: Program | Failure | undefined;

  constructor(node: PatternNode) {
    this.#node = node;
    this.#knowsWords = asksFor(node, 'word-boundary', 'no-word-boundary');
    this.#lineEnd = lineEndOf(node);
  }

  test(text: string): boolean | Failure {
    return remembered.get(this)?.get(text) ?? this.#find(text);
  }

  #find(text: string): boolean | Failure {
    const found = this.#search(text);
    if (typeof found !== 'boolean' || text.length > MAX_REMEMBERED_TEXT) return found;
    if (count >= MAX_REMEMBERED) {
      remembered = new WeakMap();
      count = 0;
    }
    count += 1;
    const answers = remembered.get(this);
    if (answers === undefined) remembered.set(this, new Map([[text, found]]));
    else answers.set(text, found);
    return found;
  }

  #search(text: string): boolean | Failure {
    const found = this.#run(text);
    if (found !== false || this.#lineEnd === 'none' || !text.endsWith('\n')) return found;
    // `$` is also before a last line feed, which is the end of the text without it: a match there needs nothing behind it.
    const before = this.#lineEnd === 'with-end' ? false : this.#run(text.slice(0, -1));
    return before === false && this.#lineEnd !== 'last' ? LAST_LINE_FEED : before;
  }

  #run(text: string): boolean | Failure {
    if (ASCII.test(text)) {
      this.#onAscii ??= Program.compile(this.#node, 'ascii');
      return this.#onAscii instanceof Failure ? this.#onAscii : this.#onAscii.search(text);
    }
    this.#onOthers ??= Program.compile(this.#node, this.#knowsWords ? 'spaced' : 'units');
    return this.#onOthers instanceof Failure ? this.#onOthers : this.#onOthers.search(text);
  }
}

/**
 * Where a pattern has `$`, which is also before a last line feed: nowhere, where nothing that takes a character can follow it, or
 * elsewhere. `with-end` is beside `\z`, which is never before a line feed.
 */
type LineEnd = 'none' | 'last' | 'inside' | 'with-end';

function lineEndOf(node: PatternNode): LineEnd {
  if (!asksFor(node, 'last-line-end')) return 'none';
  if (asksFor(node, 'end')) return 'with-end';
  return isFollowed(node, false) ? 'inside' : 'last';
}

/** Whether something that takes a character can come behind a `$` in a node. @param followed whether it can behind the node. */
function isFollowed(node: PatternNode, followed: boolean): boolean {
  switch (node.kind) {
    case 'units':
      return false;
    case 'place':
      return node.place === 'last-line-end' && followed;
    case 'sequence': {
      let behind = followed;
      return node.parts.toReversed().some((part) => {
        const found = isFollowed(part, behind);
        behind ||= takes(part);
        return found;
      });
    }
    case 'either':
      return node.options.some((option) => isFollowed(option, followed));
    case 'repeat':
      return isFollowed(node.of, followed || (node.max > 1 && takes(node.of)));
  }
}

/** Whether a node can take a character. */
function takes(node: PatternNode): boolean {
  switch (node.kind) {
    case 'units':
      return true;
    case 'place':
      return false;
    case 'sequence':
      return node.parts.some(takes);
    case 'either':
      return node.options.some(takes);
    case 'repeat':
      return node.max > 0 && takes(node.of);
  }
}

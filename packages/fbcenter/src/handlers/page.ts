import { type Answer, bytes, empty } from '../http/answer.js';
import type { Exchange } from '../http/exchange.js';
import { isKnown } from '../http/preconditions.js';
import { errorAnswer } from '../http/refusals.js';
import type { BuiltPage, Encoding, PageFile } from '../page/built-page.js';

/** A year: as long as caches look ahead. */
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * What the page may do: its own scripts, styles and calls, and nothing else; it cannot be framed, so that no other page can
 * have its switches pressed.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page for browsers. It is the same document at all of its addresses. */
export function pageHandlers(page: Pick<BuiltPage, 'file'>) {
  return {
    document: async (exchange: Exchange): Promise<Answer> => {
      const file = page.file('index.html');
      if (file === undefined) return errorAnswer(404, 'not-found', 'The page is not built: run npm run build.');
      return answerOf(file, exchange, { 'cache-control': 'no-cache', 'content-security-policy': POLICY });
    },
    file: async (exchange: Exchange): Promise<Answer> => {
      const file = page.file(exchange.path.slice(1));
      if (file === undefined) return errorAnswer(404, 'not-found', 'The page has no such file: load it again.');
      return answerOf(file, exchange, { 'cache-control': file.isImmutable ? FOREVER : 'no-cache' });
    },
  };
}

function answerOf(file: PageFile, { headers }: Exchange, more: Readonly<Record<string, string>>): Answer {
  const common = { ...more, etag: file.tag, vary: 'accept-encoding' };
  if (isKnown(headers, file.tag)) return empty(304, common);
  const encoding = file.encodings.find((name) => accepts(headers['accept-encoding'], name));
  const encoded = encoding === undefined ? common : { ...common, 'content-encoding': encoding };
  return bytes(file.read(encoding), file.type, encoded);
}

/** Whether a browser takes an encoding; `q=0` says that it does not. */
function accepts(header: string | string[] | undefined, encoding: Encoding): boolean {
  return String(header ?? '')
    .split(',')
    .some((part) => {
      const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      return name === encoding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    });
}

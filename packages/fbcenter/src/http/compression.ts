import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Answer } from './answer.js';

const compress = promisify(gzip);

/** A smaller answer fits into a few packets as it is, in bytes. */
export const WORTH_COMPRESSING = 8 * 1024;
/** Quick rather than small: lists of documents shrink to a tenth either way. */
const LEVEL = 5;
/** Lists that were compressed are kept as long as somebody has the uncompressed one: it is asked for by everybody who looks. */
const known = new WeakMap<Buffer, Promise<Buffer>>();

/** The same answer, compressed off the event loop when it is long JSON and the caller takes gzip. */
export async function compressed(answer: Answer, acceptEncoding: string | string[] | undefined): Promise<Answer> {
  const { body, status, headers } = answer;
  if (body.kind !== 'json-text' || body.text.length < WORTH_COMPRESSING || status !== 200) return answer;
  const common = { ...headers, vary: 'accept-encoding' };
  if (!takesGzip(acceptEncoding)) return { ...answer, headers: common };
  const content = known.get(body.text) ?? compress(body.text, { level: LEVEL });
  known.set(body.text, content);
  return {
    ...answer,
    headers: { ...common, 'content-encoding': 'gzip' },
    body: { kind: 'bytes', bytes: await content, type: 'application/json; charset=utf-8' },
  };
}

/** Whether a caller takes gzip, by its `Accept-Encoding`. */
export function takesGzip(acceptEncoding: string | string[] | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(acceptEncoding ?? ''));
}

import { Turns } from '../runtime/turns.js';

/**
 * Writes values as a JSON array, in turns of the event loop: both making them and writing them may take long.
 *
 * @param expected how many bytes they are likely to have.
 * @param isGone whether nobody waits for it any more: then it rejects.
 */
export async function jsonList(
  values: Iterable<unknown>,
  expected: number,
  isGone: () => boolean = () => false,
): Promise<Buffer> {
  const turns = new Turns(isGone);
  // Bytes at once: as strings, megabytes would stay in the heap of JavaScript until the next large garbage collection.
  let buffer = Buffer.allocUnsafeSlow(expected + 2);
  let length = 0;
  const write = (text: string) => {
    const end = length + Buffer.byteLength(text);
    if (end > buffer.length) buffer = Buffer.concat([buffer.subarray(0, length)], 2 * end);
    length += buffer.write(text, length);
  };
  let separator = '[';
  for (const value of values) {
    write(separator + JSON.stringify(value));
    separator = ',';
    if (turns.isDue) await turns.next();
  }
  write(length === 0 ? '[]' : ']');
  return buffer.subarray(0, length);
}

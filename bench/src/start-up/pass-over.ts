const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;

/** The least that finds the objects of a text: a look at each byte that knows what is within quotes. @returns how many there are. */
export function passOver(bytes: Uint8Array): number {
  let found = 0;
  let isQuoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === BACKSLASH) at += 1;
    else if (byte === OPEN && !isQuoted) found += 1;
  }
  return found;
}

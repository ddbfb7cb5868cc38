const DIGITS = 'QBWSPHDXZU';

/**
 * The credential in the streaming URL: the environment secret with the time hidden in it. It is reversible, so treat it,
 * and any URL that bears it, like the secret itself.
 *
 * Source: FeatBit's connection token. With s the secret without trailing `=`, t the time in decimal and
 * p = max(floor(random * len(s)), 2), the token is enc(p,3) + enc(len(t),2) + s[0..p) + enc(t,len(t)) + s[p..).
 *
 * @param secret the environment secret, any non-blank ASCII string.
 * @param now Unix milliseconds; the server accepts 30 s to either side of its own clock.
 * @param random from 0 (included) to 1 (excluded); decides where the time is put.
 */
export function encodeConnectionToken(secret: string, now: number, random: number): string {
  const bare = secret.replace(/=+$/, '');
  const time = String(Math.trunc(now));
  const position = Math.max(Math.floor(random * bare.length), 2);
  const header = encodeDigits(String(position), 3) + encodeDigits(String(time.length), 2);
  return header + bare.slice(0, position) + encodeDigits(time, time.length) + bare.slice(position);
}

/**
 * The other direction, for servers.
 *
 * @returns the secret, padded with `=` to a multiple of four characters, and the time in Unix milliseconds; `undefined`
 * when the text is no token.
 */
export function decodeConnectionToken(
  token: string,
): { readonly secret: string; readonly timestamp: number } | undefined {
  const position = decodeDigits(token.slice(0, 3));
  const timeLength = decodeDigits(token.slice(3, 5));
  if (position === undefined || timeLength === undefined || token.length < 5 + timeLength) return undefined;
  const rest = token.slice(5);
  // A secret that is shorter than the position ends where the time begins. Only the lengths show that.
  const split = Math.min(position, rest.length - timeLength);
  const timestamp = decodeDigits(rest.slice(split, split + timeLength));
  if (timestamp === undefined) return undefined;
  const bare = rest.slice(0, split) + rest.slice(split + timeLength);
  return { secret: bare.padEnd(Math.ceil(bare.length / 4) * 4, '='), timestamp };
}

function encodeDigits(decimal: string, width: number): string {
  const digits = decimal.padStart(width, '0').slice(-width);
  return digits.replace(/\d/g, (digit) => DIGITS.charAt(Number(digit)));
}

function decodeDigits(text: string): number | undefined {
  let decimal = '';
  for (const letter of text) {
    const digit = DIGITS.indexOf(letter);
    if (digit < 0) return undefined;
    decimal += digit;
  }
  return decimal === '' ? undefined : Number(decimal);
}

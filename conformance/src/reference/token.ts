/** Connection tokens and environment secrets, both ways. */

const LETTERS = 'QBWSPHDXZU';

function encode(value: number, width: number): string {
  const digits = String(value).padStart(width, '0').slice(-width);
  return [...digits].map((digit) => LETTERS[Number(digit)]).join('');
}

function decode(text: string): number | undefined {
  let digits = '';
  for (const letter of text) {
    const digit = LETTERS.indexOf(letter);
    if (digit < 0) return undefined;
    digits += digit;
  }
  return digits === '' ? undefined : Number(digits);
}

/** Where a token is cut for a random number in [0, 1). */
export function tokenPosition(secret: string, random: number): number {
  const stripped = secret.replace(/=+$/, '');
  return Math.max(Math.floor(random * stripped.length), 2);
}

/** The token of one connection attempt. */
export function makeToken(secret: string, timestamp: number, position: number): string {
  const stripped = secret.replace(/=+$/, '');
  const width = String(timestamp).length;
  const head = stripped.slice(0, position);
  const tail = stripped.slice(position);
  return encode(position, 3) + encode(width, 2) + head + encode(timestamp, width) + tail;
}

export interface DecodedToken {
  /** The secret without its padding. */
  secret: string;
  timestamp: number;
  position: number;
}

/** What a server reads out of a token, or undefined if it is not one. */
export function readToken(token: string): DecodedToken | undefined {
  const position = decode(token.slice(0, 3));
  const width = decode(token.slice(3, 5));
  if (position === undefined || width === undefined) return undefined;
  const body = token.slice(5);
  // A secret shorter than the position is whole in front of the timestamp.
  const cut = Math.min(position, body.length - width);
  const timestamp = decode(body.slice(cut, cut + width));
  if (cut < 0 || timestamp === undefined) return undefined;
  return { secret: body.slice(0, cut) + body.slice(cut + width), timestamp, position };
}

function encodeGuid(guid: string): string {
  const hex = guid.replaceAll('-', '');
  const bytes = [...Buffer.from(hex, 'hex')];
  // .NET writes a GUID's first three groups little-endian.
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const dotnet = Buffer.from(order.map((index) => bytes[index] ?? 0));
  return dotnet.toString('base64').replaceAll('/', '_').replaceAll('+', '-').slice(0, 22);
}

/** The 44 characters that a server gives an application. */
export function makeSecret(randomGuid: string, environmentGuid: string): string {
  return encodeGuid(randomGuid) + encodeGuid(environmentGuid);
}

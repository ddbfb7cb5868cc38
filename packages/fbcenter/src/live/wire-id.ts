import { createHash } from 'node:crypto';

/** What derived ids are derived in. Another one would give every flag and segment another id. */
const NAMESPACE = Buffer.from('8a1f3c1e5a0b4c0f9d3e6b7f2c4d1a90', 'hex');

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Derived ids that are known; a center serves the same few thousand over and over. */
const known = new Map<string, string>();
const MAX_KNOWN = 20_000;

/**
 * The id that SDKs are given for a flag's or a segment's own. FeatBit's SDKs for .NET read ids as GUIDs and drop a whole message for one
 * that is none. A GUID stays what it is, in lower case; any other text becomes a GUID that is for ever the same: its UUID of
 * version 5 (RFC 9562) in a namespace of fbcenter.
 */
export function wireId(id: string): string {
  if (GUID.test(id)) return id.toLowerCase();
  const before = known.get(id);
  if (before !== undefined) return before;
  const made = derive(id);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(id, made);
  return made;
}

function derive(text: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Whom an address belongs to, as far as it says so: an IPv6 network of 64 bits is one customer's, who has all of its addresses.
 *
 * @param address of a socket, which has none any more when it is closed.
 */
export function networkOf(address = ''): string {
  if (!address.includes(':')) return address;
  if (/^::ffff:\d/i.test(address)) return address.replace(/^::ffff:/i, '');
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array<string>(missing).fill('0'), ...(tail ? tail.split(':') : [])];
  return `${all.slice(0, 4).join(':')}::/64`;
}

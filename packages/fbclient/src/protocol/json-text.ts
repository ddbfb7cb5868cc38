/** Visible ASCII and spaces, without the two characters that JSON escapes among them. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** JSON text of a string. Most need no escapes, which is quicker to see than JSON.stringify is. */
export function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Visible ASCII and spaces, without the two characters that JSON escapes among them. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * A string as it stands between the quotes of JSON; they are better part of the text around it, which is one text less to
 * put together. Most strings need no escapes, which is quicker to see than JSON.stringify is.
 */
export function escaped(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text).slice(1, -1);
}

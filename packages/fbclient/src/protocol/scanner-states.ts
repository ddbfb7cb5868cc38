// What may come next where a scanner has stopped.

export type ScannerState =
  | typeof VALUE
  | typeof FIRST_VALUE
  | typeof NAME
  | typeof FIRST_NAME
  | typeof NAME_END
  | typeof AFTER_VALUE
  | typeof IN_TEXT;

export const VALUE = 0;
/** A value, or the end of the list. */
export const FIRST_VALUE = 1;
export const NAME = 2;
/** A name, or the end of the object. */
export const FIRST_NAME = 3;
/** The colon behind a name. */
export const NAME_END = 4;
/** A comma, or the end of what is open. */
export const AFTER_VALUE = 5;
/** More of a text. */
export const IN_TEXT = 6;

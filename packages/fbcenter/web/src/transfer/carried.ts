/** Flags that were chosen in one page to be promoted in the next. */
interface Carried {
  readonly from: string;
  readonly keys: readonly string[];
}

let carried: Carried | undefined;

/** Takes a choice along to the page that compares: of thousands of flags it would not fit into an address. */
export function carry(choice: Carried): void {
  carried = choice;
}

/** The choice that was brought along from an environment, once. */
export function unpack(from: string): readonly string[] {
  const keys = carried?.from === from ? carried.keys : [];
  carried = undefined;
  return keys;
}

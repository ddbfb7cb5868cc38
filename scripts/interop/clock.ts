const realNow = Date.now;

/** How far this process's clock is ahead, in milliseconds. */
let ahead = 0;

Date.now = () => realNow() + ahead;

/**
 * Sets the clock of this process, and so that of a flag center in it. A module that keeps `Date.now` must be imported after this
 * one.
 */
export function setClock(milliseconds: number): void {
  ahead = milliseconds;
}

/** Members visited before the event loop gets a turn: writing to thousands of sockets takes tens of milliseconds. */
const SLICE = 256;

/**
 * Makes a function that visits all members of a set, the first slice at once and the others in later turns of the event
 * loop. Called again while a visit is under way, it makes one more visit follow. Members that leave are not visited any
 * more.
 */
export function inSlices<T>(members: ReadonlySet<T>, visit: (member: T) => void): () => void {
  let isVisiting = false;
  let isAskedAgain = false;

  function visitFrom(rest: Iterator<T>): void {
    for (let count = 0; count < SLICE; count++) {
      const { done, value } = rest.next();
      if (done === true) {
        isVisiting = isAskedAgain;
        isAskedAgain = false;
        if (isVisiting) setImmediate(visitFrom, members.values());
        return;
      }
      visit(value);
    }
    setImmediate(visitFrom, rest);
  }

  return () => {
    if (isVisiting) {
      isAskedAgain = true;
      return;
    }
    isVisiting = true;
    visitFrom(members.values());
  };
}

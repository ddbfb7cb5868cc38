/**
 * A listener for any number of emitters, which hands over the one that is heard: of thousands of sockets each would keep memory for a listener of its
 * own.
 */
export function sharedListener<Emitter, Args extends readonly unknown[]>(
  listener: (emitter: Emitter, ...args: Args) => void,
): (this: Emitter, ...args: Args) => void {
  return function (this: Emitter, ...args: Args): void {
    listener(this, ...args);
  };
}

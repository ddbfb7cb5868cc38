/**
 * What was found out about a document that several clients of the process have in common. Nobody changes such a document, and when
 * nobody holds it any more, what is known of it goes as well.
 */
interface Findings {
  /** Whether it is whole, with its version; or what is wrong with it. */
  decoded?: unknown;
  fingerprint?: number;
}

const SHARED = new WeakMap<object, Findings>();

/** From here on what is found out about a document is kept. */
export function share(document: unknown): void {
  if (typeof document === 'object' && document !== null) SHARED.set(document, {});
}

/** What was found out about a document; `undefined` for one that is not shared. */
export function findingsOf(document: object): Findings | undefined {
  return SHARED.get(document);
}

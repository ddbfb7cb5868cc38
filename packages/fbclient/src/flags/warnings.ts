/** Something about a flag or segment that works, but hardly as somebody meant it. */
export interface Warning {
  readonly kind: WarningKind;
  /** What it is about. */
  readonly subject: 'flag' | 'segment' | 'attribute';
  /** The flag's key, the segment's id or the attribute's name. */
  readonly key: string;
  /** The attribute that is asked for. */
  readonly attribute: string;
}

export type WarningKind =
  /** A number condition compares with something that is no number: it never holds. */
  | 'operand-not-a-number'
  /** A number condition met an attribute that is there but no number. */
  | 'attribute-not-a-number'
  /** A condition met an attribute of a type that counts as absent, such as a Date. */
  | 'attribute-not-usable'
  /** A condition or a rollout asks for `key`, which is called `keyId`. */
  | 'key-is-keyid'
  /** A rollout divides users by an attribute that a user did not have, or that was blank. */
  | 'dispatch-attribute-absent';

export type WarningReporter = (warning: Warning) => void;

/** The warnings of one flag, segment or attribute, each kind reported once. */
export class Warnings {
  readonly #subject: Warning['subject'];
  readonly #key: string;
  readonly #report: WarningReporter;
  #given: readonly WarningKind[] = [];

  constructor(subject: Warning['subject'], key: string, report: WarningReporter) {
    this.#subject = subject;
    this.#key = key;
    this.#report = report;
  }

  /** Whether a warning of this kind would be the first. */
  isDue(kind: WarningKind): boolean {
    return !this.#given.includes(kind);
  }

  give(kind: WarningKind, attribute: string): void {
    if (!this.isDue(kind)) return;
    this.#given = [...this.#given, kind];
    this.#report({ kind, subject: this.#subject, key: this.#key, attribute });
  }
}

/** Most warnings that are ever reported, of a client. */
const MAX_REPORTED = 1_000;

/** Reports each warning once, also when its flag is replaced and compiled again, and a bounded number of them. */
export function reportOnce(report: WarningReporter): WarningReporter {
  const reported = new Set<string>();
  return (warning) => {
    const identity = JSON.stringify([warning.kind, warning.subject, warning.key]);
    if (reported.has(identity) || reported.size >= MAX_REPORTED) return;
    reported.add(identity);
    report(warning);
  };
}

/** A warning as a sentence. It names parts of the flag, never what a user's attribute holds. */
export function warningText({ kind, subject, key, attribute }: Warning): string {
  switch (kind) {
    case 'operand-not-a-number':
      return `${subject} "${key}": a condition compares "${attribute}" with a value that is no number, so it never holds`;
    case 'attribute-not-a-number':
      return `${subject} "${key}": a user's "${attribute}" is no number, so a condition that compares it did not hold`;
    case 'attribute-not-usable':
      return `a user's "${attribute}" is no text, number or boolean and counts as absent: pass it as a text`;
    case 'key-is-keyid':
      return `${subject} "${key}" asks for the attribute "key", which no user has: the user's key is called "keyId" there`;
    case 'dispatch-attribute-absent':
      return `${subject} "${key}" divides users by "${attribute}", which a user did not have: all users without it get the same`;
  }
}

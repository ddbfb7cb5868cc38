/** A refusal as a form shows it: beside the field that it is about. */
export interface RefusedField<Name extends string> {
  /** Absent = it is about the form as a whole. */
  readonly field: Name | undefined;
  readonly text: string;
}

/** Finds the field that a refusal of the server is about: its message begins with the field's name and a colon. */
export function refusedField<const Name extends string>(message: string, fields: readonly Name[]): RefusedField<Name> {
  const field = fields.find((name) => message.startsWith(`${name}: `));
  return field === undefined ? { field, text: message } : { field, text: message.slice(field.length + 2) };
}

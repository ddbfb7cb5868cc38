/** A user as applications pass it. */
export interface PlainUser {
  readonly key: string;
  readonly [attribute: string]: unknown;
}

/** An attribute as it is typed into a form. */
export interface TypedAttribute {
  readonly name: string;
  readonly value: string;
}

/** What was typed as JSON: a user, or why it is none. */
export function readUser(text: string): PlainUser | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'This is not JSON yet.';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'A user is an object, such as {"key": "ada", "country": "NZ"}.';
  }
  const user = value as Readonly<Record<string, unknown>>;
  if (typeof user.key !== 'string' || user.key.trim() === '') return 'The user needs a key: a text that is not blank.';
  return user as PlainUser;
}

/** What the form has of a user. Attributes that have no name are left out; of one name the last counts. */
export function userOf(key: string, attributes: readonly TypedAttribute[]): PlainUser {
  const named = attributes.filter(({ name }) => name.trim() !== '' && name.trim() !== 'key');
  return { key, ...Object.fromEntries(named.map(({ name, value }) => [name.trim(), value])) };
}

/** The attributes of a user for the form. */
export function attributesOf({ key: _, ...others }: PlainUser): readonly TypedAttribute[] {
  return Object.entries(others)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) }));
}

/** Whether the form can show a user without changing what it means: conditions compare texts, and so do forms. */
export function fitsForm(user: PlainUser): boolean {
  return Object.values(user).every((value) => value === null || typeof value !== 'object');
}

/** Who changes something, as the history of changes keeps it. */
export interface Actor {
  /** A person who signed in, an access token that was made, the access token of the settings, a trigger of a flag, or the center itself. */
  readonly kind: 'user' | 'token' | 'settings-token' | 'trigger' | 'center';
  /** For ever the same, although the name may change; of the access token of the settings, and of the center, the kind itself. */
  readonly id: string;
  /** What people call it; up to 100 characters. */
  readonly name: string;
}

/** Whoever bears the access token of the settings. */
export const SETTINGS_TOKEN: Actor = {
  kind: 'settings-token',
  id: 'settings-token',
  name: 'Access token of the settings',
};

/** The center itself, when it starts with what it was given. */
export const CENTER: Actor = { kind: 'center', id: 'center', name: 'fbcenter' };

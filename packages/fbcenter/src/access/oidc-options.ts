import { isRole, ROLES, type Role } from '../model/role.js';

/** Signing in with an identity provider that speaks OpenID Connect. */
export interface OidcOptions {
  /** Its issuer URL; `https`, or `http` on this machine. */
  readonly issuer: string;
  readonly clientId: string;
  /** @default absent: the provider knows this center as a public client */
  readonly clientSecret?: string | undefined;
  /** What the button says after "Sign in with". @default the host of the issuer */
  readonly label?: string | undefined;
  /** What is asked for. @default 'openid profile' */
  readonly scope?: string | undefined;
  /** The claim that lists the groups of a user. @default 'groups' */
  readonly groupsClaim?: string | undefined;
  /** What the groups of a user may do; whoever has none of them is not let in. */
  readonly roles: readonly GroupRole[];
}

/** What a group may do. */
export interface GroupRole {
  /** `*` is everybody who signs in. */
  readonly group: string;
  readonly role: Role;
  /** Keys of environments. @default everywhere */
  readonly environments?: readonly string[] | undefined;
}

/** {@link OidcOptions} with every default filled in. */
export interface ResolvedOidc {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly label: string;
  readonly scope: string;
  readonly groupsClaim: string;
  readonly roles: readonly GroupRole[];
}

const KNOWN = ['issuer', 'clientId', 'clientSecret', 'label', 'scope', 'groupsClaim', 'roles'] as const;

/** What is wrong with the options, by their names; nothing when they can be used. */
export function oidcProblems(value: unknown): readonly { readonly option: string; readonly message: string }[] {
  if (typeof value !== 'object' || value === null) return [{ option: '', message: 'must be an object' }];
  const options = value as Partial<Record<keyof OidcOptions, unknown>>;
  const problems: { option: string; message: string }[] = [];
  const need = (option: string, isRight: boolean, message: string) => {
    if (!isRight) problems.push({ option, message });
  };
  for (const name of Object.keys(options)) {
    need(name, (KNOWN as readonly string[]).includes(name), `is unknown; known are ${KNOWN.join(', ')}`);
  }
  need('issuer', isSafe(options.issuer), 'must be an https URL; http is taken for localhost only');
  need('clientId', isText(options.clientId), 'must be the id of this center at the identity provider');
  for (const name of ['clientSecret', 'label', 'scope', 'groupsClaim'] as const) {
    need(name, options[name] === undefined || isText(options[name]), 'must be a text that is not empty');
  }
  const scopes = typeof options.scope === 'string' ? options.scope.split(' ') : ['openid'];
  need('scope', scopes.includes('openid'), 'must have openid among its words');
  const roles: readonly unknown[] = Array.isArray(options.roles) ? options.roles : [];
  need('roles', roles.length > 0 && roles.every(isGroupRole), ROLES_FORM);
  return problems;
}

const ROLES_FORM = `must be a list such as [{ group: 'flag-admins', role: 'admin' }], with roles of ${ROLES.join(', ')}`;

export function resolveOidc(options: OidcOptions): ResolvedOidc {
  const issuer = new URL(options.issuer);
  return {
    issuer,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    label: options.label ?? issuer.host,
    scope: options.scope ?? 'openid profile',
    groupsClaim: options.groupsClaim ?? 'groups',
    roles: options.roles.map((role) => ({ ...role })),
  };
}

/** Whether what is sent there stays between the two of them. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function isSafe(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isGroupRole(value: unknown): value is GroupRole {
  const { group, role, environments } = (value ?? {}) as Partial<Record<keyof GroupRole, unknown>>;
  const areKeys = environments === undefined || (Array.isArray(environments) && environments.every(isText));
  return isText(group) && isRole(role) && areKeys;
}

/** What somebody may do; each role may do what the ones before it may. */
export const ROLES = ['viewer', 'editor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What somebody may do where. */
export interface Grants {
  /** In every environment, and with what belongs to no environment; absent = nothing. */
  readonly everywhere: Role | undefined;
  /** In single environments, by their ids: the greater one of the two roles counts. */
  readonly environments: Readonly<Record<string, Role>>;
}

/** Whoever has these may do everything. */
export const ALL_GRANTS: Grants = { everywhere: 'admin', environments: {} };

/** The role in an environment; without one, the role in what belongs to no environment. */
export function roleIn({ everywhere, environments }: Grants, environmentId?: string): Role | undefined {
  const own =
    environmentId !== undefined && Object.hasOwn(environments, environmentId) ? environments[environmentId] : undefined;
  return rank(own) > rank(everywhere) ? own : everywhere;
}

/** Whether a role may do what another one is demanded for. */
export function covers(role: Role | undefined, demanded: Role): boolean {
  return rank(role) >= rank(demanded);
}

export function isRole(value: unknown): value is Role {
  return (ROLES as readonly unknown[]).includes(value);
}

function rank(role: Role | undefined): number {
  return role === undefined ? -1 : ROLES.indexOf(role);
}

import type { GrantsBody } from '../../../../src/api/access.js';
import { ROLES, type Role } from '../../../../src/model/role.js';
import type { Environment } from '../../api/calls.js';
import { useEnvironments } from '../../api/queries.js';

const NAMES: Readonly<Record<Role, string>> = { viewer: 'Viewer', editor: 'Editor', admin: 'Admin' };

export const NO_GRANTS: GrantsBody = { role: null, environments: {} };

/** What somebody may do, everywhere and in single environments. */
export function GrantsField({
  grants,
  onChange,
}: {
  readonly grants: GrantsBody;
  readonly onChange: (grants: GrantsBody) => void;
}) {
  const environments = useEnvironments().data ?? [];
  const setIn = (key: string, role: Role | undefined) => {
    const { [key]: _, ...others } = grants.environments;
    onChange({ ...grants, environments: role === undefined ? others : { ...others, [key]: role } });
  };
  return (
    <fieldset className="grants">
      <legend className="field-label">Role</legend>
      <RoleSelect
        label="Everywhere"
        none="None"
        role={grants.role ?? undefined}
        onChange={(role) => onChange({ ...grants, role: role ?? null })}
      />
      {environments.map(({ key, name }) => (
        <RoleSelect
          key={key}
          label={name}
          none={grants.role === null ? 'None' : 'As everywhere'}
          role={grants.environments[key]}
          onChange={(role) => setIn(key, role)}
        />
      ))}
      <p className="hint">Viewers look, editors change flags and segments, admins also manage secrets and access.</p>
    </fieldset>
  );
}

function RoleSelect({
  label,
  none,
  role,
  onChange,
}: {
  readonly label: string;
  readonly none: string;
  readonly role: Role | undefined;
  readonly onChange: (role: Role | undefined) => void;
}) {
  return (
    <label className="grant">
      <span>{label}</span>
      <select
        value={role ?? ''}
        onChange={({ currentTarget: { value } }) => onChange(ROLES.find((name) => name === value))}
      >
        <option value="">{none}</option>
        {ROLES.map((name) => (
          <option key={name} value={name}>
            {NAMES[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What somebody may do, in words. */
export function grantsText({ role, environments }: GrantsBody, known: readonly Environment[]): string {
  const single = Object.entries(environments).map(
    ([key, own]) => `${NAMES[own]} in ${known.find((one) => one.key === key)?.name ?? key}`,
  );
  const parts = [...(role === null ? [] : [`${NAMES[role]} everywhere`]), ...single];
  return parts.length === 0 ? 'No role' : parts.join(', ');
}

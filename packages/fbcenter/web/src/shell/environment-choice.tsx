import type { Environment } from '../api/calls.js';
import type { Route } from '../model/route.js';
import { goTo } from './navigation.js';

/** Changes the environment and stays at the same thing: the same flag there, the same list. */
export function EnvironmentChoice({
  route,
  environments,
  environment,
}: {
  readonly route: Route;
  readonly environments: readonly Environment[];
  readonly environment: string | undefined;
}) {
  if (environment === undefined) return null;
  const choose = (key: string) =>
    goTo('environment' in route ? { ...route, environment: key } : { page: 'flags', environment: key });
  return (
    <label className="environment-choice">
      <span>Environment</span>
      <select value={environment} onChange={(event) => choose(event.currentTarget.value)}>
        {environments.map(({ key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
        {environments.every(({ key }) => key !== environment) && <option value={environment}>{environment}</option>}
      </select>
    </label>
  );
}

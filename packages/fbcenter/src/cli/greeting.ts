import { resolve } from 'node:path';
import type { Center } from '../center.js';
import { type EnvironmentOptions, secretsOf } from '../environment-options.js';
import type { CenterOptions } from '../options.js';
import { VERSION } from '../version.js';
import { SETTINGS } from './settings.js';

/**
 * What one needs to go on from here. A credential is shown when this start has made it, or to a person at a terminal: whatever else
 * reads this may keep it for years. Those that were given are not repeated.
 */
export function greeting(center: Center, options: CenterOptions, isTerminal: boolean, link?: string): string {
  const { url, environments, adminToken, made } = center;
  const tokenShown = options.adminToken === undefined && (made.adminToken || isTerminal);
  const path = `/api/v1/environments/${encodeURIComponent(environments[0]?.key ?? '')}/flags`;
  const lines = [
    `fbcenter ${VERSION} listens on ${url}`,
    ...(link === undefined
      ? ['open it in a browser and sign in']
      : ['open this link in a browser: whoever does becomes the first admin; it works once, for a day', `  ${link}`]),
    `data: ${placeOf(options)}`,
    ...(center.metricsUrl === undefined ? [] : [`metrics: ${center.metricsUrl}`]),
  ];
  for (const { key, serverSecret, clientSecret } of environments) {
    const given = options.environments?.find((environment) => environment.key === key);
    const isShown = isTerminal || made.environments.includes(key);
    const kept = `(kept; the page shows it, under Environments)`;
    lines.push(
      `environment: ${key}`,
      `  server secret: ${secretText(given?.serverSecret, isShown ? serverSecret : kept)}`,
      `  client secret: ${secretText(given?.clientSecret, isShown ? clientSecret : kept)}`,
    );
  }
  lines.push(
    `admin token: ${tokenText(options, tokenShown ? adminToken : undefined)}`,
    'list the flags:',
    `  curl -H "Authorization: Bearer ${tokenShown ? adminToken : 'YOUR_TOKEN'}" ${url}${path}`,
    'Ctrl-C stops it.',
  );
  return `${lines.join('\n')}\n`;
}

/** Where the data is; of a database nothing that is a credential. */
function placeOf({ dataFolder, database }: CenterOptions): string {
  if (database !== undefined) {
    const { host, pathname } = new URL(database);
    return `PostgreSQL, database ${pathname.slice(1)} at ${host}`;
  }
  return dataFolder === undefined ? 'in memory, gone when it stops' : resolve(dataFolder);
}

function secretText(given: EnvironmentOptions['serverSecret'], otherwise: string): string {
  const count = secretsOf(given).length;
  return count === 0 ? otherwise : count === 1 ? '(as given)' : `(${count}, as given)`;
}

function tokenText({ adminToken }: CenterOptions, shown: string | undefined): string {
  if (adminToken !== undefined) return '(as given)';
  const { flag, variable } = SETTINGS.adminToken;
  return (
    shown ??
    `(kept; the first start printed it, and any start in a terminal does; --${flag} or ${variable} replaces it)`
  );
}

import { DEFAULTS } from '../options.js';
import { LOG_LEVELS } from '../runtime/log.js';
import { operatingSettings } from './operating-settings.js';

/** A setting of the command: the one place that says how it is given and what it is. */
export interface Setting {
  /** Its name on the command line and, without the hyphens in front, in a config file. */
  readonly flag: string;
  /** The environment variable; with `_FILE` appended it names a file that holds the value. */
  readonly variable: string;
  /** What stands for the value in the help; a switch has none. */
  readonly value?: string;
  readonly help: string;
  readonly fallback?: string;
  /** The flag that says the contrary: where it is given, the variable of this one does not count. */
  readonly contrary?: string;
  /** It holds a credential: it is masked where settings are shown, and may be given as `--flag-file FILE`, in a config file too. */
  readonly isSecret?: true;
  /** Several values, with commas between them; in a config file a list will do as well. */
  readonly isList?: true;
  /** A whole number: what editors are told of it in a config file. */
  readonly isNumber?: true;
}

export const SETTINGS = {
  host: {
    flag: 'host',
    variable: 'FBCENTER_HOST',
    value: 'ADDRESS',
    help: 'address to listen on; 0.0.0.0 is every interface',
    fallback: DEFAULTS.host,
  },
  port: {
    flag: 'port',
    variable: 'FBCENTER_PORT',
    value: 'PORT',
    help: 'port to listen on; 0 is any free one',
    fallback: String(DEFAULTS.port),
    isNumber: true,
  },
  dataFolder: {
    flag: 'data',
    variable: 'FBCENTER_DATA',
    value: 'FOLDER',
    help: 'folder that keeps flags, secrets and counts',
    fallback: 'fbcenter-data',
    contrary: 'memory',
  },
  memory: {
    flag: 'memory',
    variable: 'FBCENTER_MEMORY',
    help: 'keep everything in memory instead; it is gone when the center stops',
    contrary: 'data',
  },
  database: {
    flag: 'database',
    variable: 'FBCENTER_DATABASE',
    value: 'URL',
    help: 'keep everything in PostgreSQL, not in a folder: postgres://user:password@host/database',
    isSecret: true,
  },
  requireData: {
    flag: 'require-data',
    variable: 'FBCENTER_REQUIRE_DATA',
    help: 'do not start when there is no data: the volume or the database may be the wrong one',
  },
  environments: {
    flag: 'environment',
    variable: 'FBCENTER_ENVIRONMENT',
    value: 'KEY[,KEY]',
    help: 'environments to have; made when they are not there yet',
    fallback: DEFAULTS.environment,
    isList: true,
  },
  serverSecret: {
    flag: 'server-secret',
    variable: 'FBCENTER_SERVER_SECRET',
    value: '[KEY=]SECRET',
    help: 'secret for server SDKs, of the first environment or of KEY; several with commas',
    isSecret: true,
    isList: true,
  },
  clientSecret: {
    flag: 'client-secret',
    variable: 'FBCENTER_CLIENT_SECRET',
    value: '[KEY=]SECRET',
    help: 'the same for browser SDKs',
    isSecret: true,
    isList: true,
  },
  adminToken: {
    flag: 'admin-token',
    variable: 'FBCENTER_ADMIN_TOKEN',
    value: 'TOKEN',
    help: 'access token of the management API',
    isSecret: true,
  },
  publicUrl: {
    flag: 'public-url',
    variable: 'FBCENTER_PUBLIC_URL',
    value: 'URL',
    help: 'where browsers find the center, when a proxy is in front of it',
  },
  oidcIssuer: {
    flag: 'oidc-issuer',
    variable: 'FBCENTER_OIDC_ISSUER',
    value: 'URL',
    help: 'identity provider to sign in with (OpenID Connect)',
  },
  oidcClientId: {
    flag: 'oidc-client-id',
    variable: 'FBCENTER_OIDC_CLIENT_ID',
    value: 'ID',
    help: 'what the identity provider knows the center as',
  },
  oidcClientSecret: {
    flag: 'oidc-client-secret',
    variable: 'FBCENTER_OIDC_CLIENT_SECRET',
    value: 'SECRET',
    help: 'what the center shows the identity provider',
    isSecret: true,
  },
  oidcRoles: {
    flag: 'oidc-roles',
    variable: 'FBCENTER_OIDC_ROLES',
    value: 'GROUP=ROLE[:ENV+ENV][,…]',
    help: 'what groups may do: viewer, editor, admin; * is everybody',
    isList: true,
  },
  oidcGroupsClaim: {
    flag: 'oidc-groups-claim',
    variable: 'FBCENTER_OIDC_GROUPS_CLAIM',
    value: 'NAME',
    help: 'the claim that lists the groups (groups)',
  },
  oidcScope: {
    flag: 'oidc-scope',
    variable: 'FBCENTER_OIDC_SCOPE',
    value: 'WORDS',
    help: 'what the identity provider is asked for (openid profile)',
  },
  oidcLabel: {
    flag: 'oidc-label',
    variable: 'FBCENTER_OIDC_LABEL',
    value: 'TEXT',
    help: 'what the button for it says after "Sign in with"',
  },
  rememberUsers: {
    flag: 'remember-users',
    variable: 'FBCENTER_REMEMBER_USERS',
    help: 'remember the last 100 users of each environment, in memory, for the page to offer',
  },
  url: {
    flag: 'url',
    variable: 'FBCENTER_URL',
    value: 'URL',
    help: 'commands: the center that runs, instead of the data here',
  },
  auditDays: {
    flag: 'audit-days',
    variable: 'FBCENTER_AUDIT_DAYS',
    value: 'DAYS',
    help: 'days that audit entries are kept, 30 or more',
    isNumber: true,
  },
  missingAttribute: {
    flag: 'missing-attribute',
    variable: 'FBCENTER_MISSING_ATTRIBUTE',
    value: 'WHAT',
    help: 'what an absent attribute is to conditions: no-match or, as on FeatBit, empty-string',
    fallback: 'no-match',
  },
  sendRuleNames: {
    flag: 'send-rule-names',
    variable: 'FBCENTER_SEND_RULE_NAMES',
    help: 'send browsers the name of the rule that decided; every visitor can read it',
  },
  webhooksToPrivate: {
    flag: 'webhooks-to-private',
    variable: 'FBCENTER_WEBHOOKS_TO_PRIVATE',
    help: 'send webhooks to private networks and this machine, too',
  },
  logLevel: {
    flag: 'log-level',
    variable: 'FBCENTER_LOG_LEVEL',
    value: 'LEVEL',
    help: `what is written to stderr: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
  },
  ...operatingSettings('FBCENTER'),
} as const satisfies Record<string, Setting>;

type SettingName = keyof typeof SETTINGS;

/** The settings of a command, by the names of its options. */
export type SettingsTable = Readonly<Record<string, Setting>>;

/** The text of each setting that was given. */
export type Given = Partial<Record<SettingName, string>>;

/** A setting by both of its names. */
export function nameOf(name: string, settings: SettingsTable = SETTINGS): string {
  const setting = settings[name];
  return setting === undefined ? name : `--${setting.flag} (${setting.variable})`;
}

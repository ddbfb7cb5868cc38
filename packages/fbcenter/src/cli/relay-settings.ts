import { RELAY_DEFAULTS } from '../relay/relay-options.js';
import { LOG_LEVELS } from '../runtime/log.js';
import { operatingSettings } from './operating-settings.js';
import type { Setting } from './settings.js';

/** The settings of `fbcenter relay`. */
export const RELAY_SETTINGS = {
  upstream: {
    flag: 'upstream',
    variable: 'FBRELAY_UPSTREAM',
    value: 'URL',
    help: 'the server behind the relay: http or https, a path prefix is kept',
  },
  environments: {
    flag: 'environment',
    variable: 'FBRELAY_ENVIRONMENT',
    value: 'KEY[,KEY]',
    help: 'what the environments are called here',
    fallback: RELAY_DEFAULTS.environment,
    isList: true,
  },
  serverSecret: {
    flag: 'server-secret',
    variable: 'FBRELAY_SERVER_SECRET',
    value: '[KEY=]SECRET',
    help: 'server secret of the first environment or of KEY; several with commas, upstream is asked with the first',
    isSecret: true,
    isList: true,
  },
  clientSecret: {
    flag: 'client-secret',
    variable: 'FBRELAY_CLIENT_SECRET',
    value: '[KEY=]SECRET',
    help: 'what browser SDKs come with; without it browsers are refused',
    isSecret: true,
    isList: true,
  },
  relayKey: {
    flag: 'relay-key',
    variable: 'FBRELAY_RELAY_KEY',
    value: 'KEY',
    help: "FeatBit's relay-proxy key (rp-…): all of its environments over one connection",
    isSecret: true,
  },
  host: {
    flag: 'host',
    variable: 'FBRELAY_HOST',
    value: 'ADDRESS',
    help: 'address to listen on; 0.0.0.0 is every interface',
    fallback: RELAY_DEFAULTS.host,
  },
  port: {
    flag: 'port',
    variable: 'FBRELAY_PORT',
    value: 'PORT',
    help: 'port to listen on; 0 is any free one',
    fallback: String(RELAY_DEFAULTS.port),
    isNumber: true,
  },
  dataFolder: {
    flag: 'data',
    variable: 'FBRELAY_DATA',
    value: 'FOLDER',
    help: 'folder that keeps snapshots and insights, for the next start and for the time without upstream',
    fallback: 'fbrelay-data',
    contrary: 'memory',
  },
  memory: {
    flag: 'memory',
    variable: 'FBRELAY_MEMORY',
    help: 'keep nothing on disk: a start needs upstream, and a stop loses what waits',
    contrary: 'data',
  },
  spoolBytes: {
    flag: 'spool-bytes',
    variable: 'FBRELAY_SPOOL_BYTES',
    value: 'BYTES',
    help: 'insights that may wait for upstream',
    fallback: `${RELAY_DEFAULTS.diskSpoolBytes}, in memory ${RELAY_DEFAULTS.memorySpoolBytes}`,
    isNumber: true,
  },
  startWait: {
    flag: 'start-wait',
    variable: 'FBRELAY_START_WAIT',
    value: 'MILLISECONDS',
    help: 'how long a start waits for upstream before it listens with what it has',
    fallback: String(RELAY_DEFAULTS.startWait),
    isNumber: true,
  },
  missingAttribute: {
    flag: 'missing-attribute',
    variable: 'FBRELAY_MISSING_ATTRIBUTE',
    value: 'WHAT',
    help: 'what an absent attribute is to conditions: no-match or, as on FeatBit, empty-string',
    fallback: 'no-match',
  },
  sendRuleNames: {
    flag: 'send-rule-names',
    variable: 'FBRELAY_SEND_RULE_NAMES',
    help: 'send browsers the name of the rule that decided; every visitor can read it',
  },
  logLevel: {
    flag: 'log-level',
    variable: 'FBRELAY_LOG_LEVEL',
    value: 'LEVEL',
    help: `what is written to stderr: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
  },
  ...operatingSettings('FBRELAY'),
} as const satisfies Record<string, Setting>;

/** The text of each setting that was given. */
export type GivenToRelay = Partial<Record<keyof typeof RELAY_SETTINGS, string>>;

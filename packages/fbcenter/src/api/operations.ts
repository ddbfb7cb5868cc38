import type { Operations } from './operation.js';
import { accessOperations } from './operations/access.js';
import { auditOperations } from './operations/audit.js';
import { documentOperations } from './operations/documents.js';
import { environmentOperations } from './operations/environments.js';
import { experimentOperations } from './operations/experiments.js';
import { explainOperations } from './operations/explain.js';
import { healthOperations } from './operations/health.js';
import { sdkOperations } from './operations/sdk.js';
import { transferOperations } from './operations/transfer.js';
import { triggerOperations } from './operations/triggers.js';
import { usageOperations } from './operations/usage.js';
import { webhookOperations } from './operations/webhooks.js';

/** What there is to say of every route: a test holds the table of routes to it. */
export const OPERATIONS: Operations = {
  ...healthOperations,
  ...sdkOperations,
  ...accessOperations,
  ...environmentOperations,
  ...documentOperations,
  ...explainOperations,
  ...experimentOperations,
  ...auditOperations,
  ...transferOperations,
  ...usageOperations,
  ...webhookOperations,
  ...triggerOperations,
};

/** The variable parts of paths. */
export const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  environment: 'The key of an environment.',
  key: "The flag's key or the segment's id.",
  secret: 'The id of a secret.',
  version: 'A version that the document has had.',
  user: 'The id of a user.',
  session: 'The id of a session.',
  token: 'The id of an access token; of a trigger the token itself.',
  webhook: 'The id of a webhook.',
  delivery: 'The id of a message to a webhook.',
  trigger: 'The id of a trigger.',
  entry: 'The id of an entry of the audit log.',
};

import type { AuditDetailBody, AuditEntryBody } from '../../src/api/audit.js';
import type { TestCenter } from './test-center.js';

/** The audit log as the API has it, the newest first; what the center wrote down at its start is left out. */
export async function auditOf(test: TestCenter, query = ''): Promise<readonly AuditEntryBody[]> {
  const headers = { authorization: `Bearer ${test.center.adminToken}` };
  const { body } = await test.call('GET', `/api/v1/audit?${query}`, { headers });
  return body.items.filter(({ actor }: AuditEntryBody) => actor.kind !== 'center');
}

/** The newest entry with what was before and after. */
export async function newestOf(test: TestCenter): Promise<AuditDetailBody> {
  const headers = { authorization: `Bearer ${test.center.adminToken}` };
  const [newest] = await auditOf(test);
  return (await test.call('GET', `/api/v1/audit/${newest?.id}`, { headers })).body;
}

/** All of it, as it is exported. */
export async function exportOf(test: TestCenter, query = ''): Promise<string> {
  const headers = { authorization: `Bearer ${test.center.adminToken}` };
  return (await test.call('GET', `/api/v1/audit/export?${query}`, { headers })).text;
}

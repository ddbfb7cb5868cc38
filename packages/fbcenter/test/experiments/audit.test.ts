import { describe, expect, it } from 'vitest';
import { EXPERIMENT, startExperimentCenter } from '../support/experiment-center.js';
import { put } from '../support/test-center.js';

describe('the audit log', () => {
  it('has everything that is done with experiments and metrics, with who did it and what was chosen', async () => {
    const { api, call, center, post } = await startExperimentCenter();
    const entries = async () => {
      const headers = { authorization: `Bearer ${center.adminToken}` };
      const { body } = await call('GET', '/api/v1/audit?limit=100', { headers });
      return (body.items as { action: string; subject: { kind: string; key: string }; actor: { kind: string } }[])
        .reverse()
        .map(({ action, subject, actor }) => `${actor.kind} ${action} ${subject.kind} ${subject.key}`);
    };
    await put(api, '/experiments/e', { ...EXPERIMENT, alpha: 0.01 });
    for (const action of ['start', 'pause', 'resume', 'restart', 'recount']) await post(`/experiments/e/${action}`);
    await post('/experiments/e/decide', { rollOut: 'on' });
    for (const action of ['archive', 'restore', 'archive']) await post(`/experiments/e/${action}`);
    expect((await api('DELETE', '/experiments/e')).status).toBe(204);
    expect((await api('DELETE', '/metrics/purchases')).status).toBe(204);
    expect((await api('DELETE', '/pseudonyms')).status).toBe(204);
    const found = await entries();
    expect(found.filter((entry) => !/ (?:environment|secret) /.test(entry))).toEqual([
      'settings-token create flag checkout',
      'settings-token create metric purchases',
      'settings-token create experiment e',
      'settings-token update experiment e',
      'settings-token start experiment e',
      'settings-token pause experiment e',
      'settings-token resume experiment e',
      'settings-token restart experiment e',
      'settings-token recount experiment e',
      'settings-token decide experiment e',
      'settings-token decide-experiment flag checkout',
      'settings-token archive experiment e',
      'settings-token restore experiment e',
      'settings-token archive experiment e',
      'settings-token delete experiment e',
      'settings-token delete metric purchases',
      'settings-token forget pseudonyms dev',
    ]);
  });
});

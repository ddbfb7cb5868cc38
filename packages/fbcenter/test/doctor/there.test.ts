import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookThere } from '../../src/doctor/there.js';

const NOW = Date.UTC(2026, 10, 28, 12);

type Answer = readonly [status: number, body: string];

/** A center that answers by a table; everything else is in order. */
async function centerWith(answers: Readonly<Record<string, Answer>>, date = NOW): Promise<string> {
  const good: Readonly<Record<string, Answer>> = {
    '/health/liveness': [200, '{"status":"Healthy"}'],
    '/health/readiness': [200, '{"status":"Healthy"}'],
    '/api/v1/session': [200, '{"me":{"name":"ci","role":"editor"}}'],
  };
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? good[request.url ?? ''] ?? [404, ''];
    response.writeHead(status, { date: new Date(date).toUTCString() }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const look = async (url: string) =>
  Object.fromEntries(
    (await lookThere({ url, token: 't' }, () => NOW)).map(({ check, state, message }) => [
      check,
      `${state}: ${message}`,
    ]),
  );

describe('a look at a center', () => {
  it.each<[what: string, answers: Record<string, Answer>, check: string, finding: RegExp]>([
    ['in order', {}, 'readiness', /^ok: its storage takes changes$/],
    ['in order', {}, 'token', /^ok: ci, editor$/],
    [
      'whose token has roles in single environments',
      { '/api/v1/session': [200, '{"me":{"name":"ci","role":null}}'] },
      'token',
      /^ok: ci, in single environments$/,
    ],
    ['that refuses the token', { '/api/v1/session': [401, '{}'] }, 'token', /^fail: the access token is refused$/],
    [
      'to whom the token is nobody',
      { '/api/v1/session': [200, '{"me":null}'] },
      'token',
      /^fail: the access token is nobody$/,
    ],
    ['that answers with no JSON', { '/api/v1/session': [200, '<html>'] }, 'token', /^fail: /],
    [
      'whose database is away',
      { '/health/readiness': [503, '{"message":"The database is away."}'] },
      'readiness',
      /^fail: it answers 503: The database is away\.$/,
    ],
    [
      'that says nothing of why',
      { '/health/readiness': [503, ''] },
      'readiness',
      /^fail: it answers 503: without a reason$/,
    ],
    [
      'that is a proxy',
      { '/health/liveness': [502, '<html>'] },
      'center',
      /^fail: what answers at .* is no fbcenter \(502\)$/,
    ],
  ])('%s', async (_, answers, check, finding) => {
    expect((await look(await centerWith(answers)))[check]).toMatch(finding);
  });

  it.each([
    [NOW, /^ok/],
    [NOW - 4_000, /^ok/],
    [NOW - 60_000, /^warn: the center is 60 s behind$/],
    [NOW + 60_000, /^warn: the center is 60 s ahead$/],
  ])('whose clock says %d', async (date, finding) => {
    expect((await look(await centerWith({}, date))).clock).toMatch(finding);
  });

  it('that is none is not asked for more, and not sent the token', async () => {
    expect(Object.keys(await look(await centerWith({ '/health/liveness': [200, 'hello'] })))).toEqual(['center']);
  });
});

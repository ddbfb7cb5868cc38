import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inEnvironment, Management, RefusedError } from '../../src/manage/management.js';
import { sharedCenter } from '../support/test-center.js';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (status: number, body: string) => serve((_, response) => void response.writeHead(status).end(body));

const refusalOf = async (work: Promise<unknown>): Promise<RefusedError> => {
  const error = await work.catch((reason: unknown) => reason);
  if (!(error instanceof RefusedError)) throw new Error(`not refused: ${error}`);
  return error;
};

describe('the management API, as commands call it', () => {
  const center = sharedCenter();

  it('answers with what is asked for', async () => {
    const { url, adminToken: token } = center().center;
    const management = new Management({ url, token });
    expect(await management.call('/environments')).toMatchObject({ items: [{ key: 'dev' }] });
    expect(JSON.parse(await management.text('/environments'))).toHaveProperty('items');
  });

  it('says which token is wrong, and how to give another', async () => {
    const management = new Management({ url: center().center.url, token: 'wrong', name: 'the center' });
    const { message, status } = await refusalOf(management.call('/environments'));
    expect([status, message]).toEqual([
      401,
      expect.stringMatching(/^the center refuses the access token: give a good one with FBCENTER_ADMIN_TOKEN/),
    ]);
  });

  it('repeats what the center says, faults too', async () => {
    const { url, adminToken: token } = center().center;
    const management = new Management({ url, token });
    const { reason, message, faults } = await refusalOf(
      management.call(inEnvironment('dev', '/flags/a'), { method: 'PUT', body: { variations: 1 } }),
    );
    expect([reason, faults.length > 1]).toEqual(['invalid-document', true]);
    expect(message).toMatch(/^The document has \d+ faults and was not stored\.\n {2}variationType: /);
    expect((await refusalOf(management.call(inEnvironment('none')))).reason).toBe('environment-not-found');
  });

  it.each<[status: number, body: string, message: RegExp]>([
    [502, '<html>Bad gateway', /answers 502\.$/],
    [500, '', /answers 500\.$/],
    [409, '{"code":"busy","message":"Later."}', /^Later\.$/],
    [
      400,
      JSON.stringify({ message: 'm', faults: Array.from({ length: 25 }, () => ({ path: '', message: 'x' })) }),
      /\n {2}and 5 more$/,
    ],
    [404, '{"message":5,"faults":7}', /answers 404\.$/],
  ])('makes a sentence of %d %s', async (status, body, message) => {
    const management = new Management({ url: await answering(status, body), token: 't' });
    expect((await refusalOf(management.call('/x'))).message).toMatch(message);
  });

  it('says that something else answers', async () => {
    const management = new Management({ url: await answering(200, '<html>'), token: 't' });
    await expect(management.call('/x')).rejects.toThrow(/does not answer as a center does: is --url right\?$/);
  });

  it('says that nobody answers', async () => {
    const management = new Management({ url: 'http://127.0.0.1:1', token: 't' });
    await expect(management.call('/x')).rejects.toThrow(
      /^No center answers at http:\/\/127\.0\.0\.1:1 \(.+\): is it running/,
    );
  });

  it('says why and together with what, of changes only', async () => {
    const seen: (string | string[] | undefined)[][] = [];
    const url = await serve(({ headers }, response) => {
      seen.push([headers.authorization, headers['x-change-comment'], headers['x-change-group']]);
      response.end('{}');
    });
    const management = new Management({ url, token: 't', comment: 'Grüße', group: 'g' });
    await management.call('/x');
    await management.call('/x', { method: 'POST', body: {} });
    expect(seen).toEqual([
      ['Bearer t', undefined, undefined],
      ['Bearer t', 'Gr%C3%BC%C3%9Fe', 'g'],
    ]);
  });
});

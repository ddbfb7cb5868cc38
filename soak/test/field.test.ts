import { FeatBitServer } from 'fbclient-conformance/featbit-server';
import { describe, expect, it } from 'vitest';
import { HELP, readArguments } from '../field/arguments.js';
import { FieldCenter } from '../field/field-center.js';
import { SCENES } from '../field/scenes/index.js';
import { sdkCalled } from '../field/sdk.js';
import { agree, flagsOf, truthOf, wrongFlags } from '../field/values.js';

describe('the arguments of the field', () => {
  it('are all scenes and fbclient where none are given', () => {
    const given = readArguments(['--seed', '7']);
    expect(given).toEqual({ scenes: Object.keys(SCENES), seed: 7, sdk: 'fbclient', quick: false, json: undefined });
  });

  it('can name scenes, each once', () => {
    expect(readArguments(['busy', 'start', 'busy', '--quick'])).toMatchObject({
      scenes: ['busy', 'start'],
      quick: true,
    });
  });

  it.each([
    ['a scene that there is not', ['nowhere'], 'there is no scene nowhere'],
    ['a name that every object has', ['toString'], 'there is no scene toString'],
    ['a seed that is no number', ['--seed', 'x'], '--seed must be a whole number'],
    ['an empty seed', ['--seed', ''], '--seed must be a whole number'],
    ['an option that there is not', ['--fast'], '--fast'],
  ])('are refused with %s', (_name, args, problem) => {
    expect(readArguments(args)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('are explained, every scene with what it is', () => {
    expect(readArguments(['--help'])).toBe('help');
    const width = Math.max(...Object.keys(SCENES).map((name) => name.length));
    for (const [name, { title }] of Object.entries(SCENES)) expect(HELP).toContain(`${name.padEnd(width)}  ${title}`);
  });
});

describe.each(['fbclient', 'featbit'])('%s in the field', (name) => {
  it('serves what the server holds, hears of changes, and its events become rows', async () => {
    const server = await FeatBitServer.start();
    server.environment.load(flagsOf(5));
    const sdk = await sdkCalled(name);
    const client = sdk.start(server);
    const heard: string[] = [];
    try {
      expect(await client.ready(10_000)).toBe(true);
      client.listen((key) => heard.push(key));
      expect(await client.flags()).toEqual(truthOf(server));
      server.pushes.stall();
      server.environment.setValue('flag-3', 'new');
      expect(await wrongFlags(client, server)).toEqual(['flag-3']);
      server.pushes.resume();
      await server.until('the push', () => server.pushes.sent || undefined, 5_000);
      await expect.poll(() => wrongFlags(client, server)).toEqual([]);
      expect(heard).toEqual(['flag-3']);
      expect(await client.evaluate('flag-3', { key: 'ada' })).toBe(true);
      expect(await client.evaluate('unknown', { key: 'ada' })).toBe(false);
      client.track({ key: 'ada', name: 'Ada', attributes: { city: 'Rome' } }, 'click', 2);
      expect(await client.flush(10_000)).toBe(true);
      expect(server.ledger.summary).toEqual({ kept: 2, doubled: 0, extraRows: 0, lost: 0 });
      expect(server.ledger.timesKept('ada click 2')).toBe(1);
    } finally {
      await client.close();
      await server.kill();
    }
  });
});

it('the real center in the field keeps its port and its data over a restart, can be put back, and its clock can be off', async () => {
  const center = await FieldCenter.start();
  const sdk = await sdkCalled('fbclient');
  const client = sdk.start(center, { disableEvents: true });
  const { httpUrl } = center;
  const poll = async (timestamp: number): Promise<Response> =>
    fetch(`${httpUrl}/api/public/sdk/server/latest-all?timestamp=${timestamp}`, {
      headers: { authorization: center.secret },
    });
  try {
    expect(await client.ready(30_000)).toBe(true);
    expect(await agree(client, center.truth, 10_000)).toBeTypeOf('number');
    const restore = await center.backUp();
    await center.setValue('flag-3', 'new');
    expect(await agree(client, center.truth, 10_000)).toBeTypeOf('number');
    await center.stop();
    await restore();
    expect(center.truth.get('flag-3')).toBe('old');
    await center.start(-3_600_000);
    expect(center.httpUrl).toBe(httpUrl);
    const refused = sdk.start(center, { disableEvents: true });
    expect(await refused.ready(1_500)).toBe(false);
    await refused.close();
    center.setClock(0);
    expect(await agree(client, center.truth, 60_000)).toBeTypeOf('number');
    await center.rotateSecret();
    expect((await poll(0)).status).toBe(401);
    await center.restoreSecret();
    expect((await poll(0)).status).toBe(200);
    await center.stop();
    await center.refuse(403);
    expect((await poll(0)).status).toBe(403);
    await center.endRefusing();
  } finally {
    await client.close();
    await center.end();
  }
}, 180_000);

it('an SDK in the field can be a build in a folder, and says which it is', async () => {
  await expect(sdkCalled('no/such/folder')).rejects.toThrow('package.json');
});

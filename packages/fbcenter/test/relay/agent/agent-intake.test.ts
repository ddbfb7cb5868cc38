import { describe, expect, it } from 'vitest';
import { AgentIntake } from '../../../src/relay/agent/agent-intake.js';
import { decodeAgentData } from '../../../src/relay/agent/agent-message.js';
import { newReplica } from '../../../src/relay/intake.js';
import { Intakes } from '../../../src/relay/intakes.js';
import { RelayedChanges } from '../../../src/relay/relayed-changes.js';
import { RelayedEnvironments } from '../../../src/relay/relayed-environments.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeTimers } from '../../support/fake-timers.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { memoryLogger } from '../../support/memory-logger.js';
import { featBitFlag } from '../../support/scripted-featbit.js';

const T = Date.UTC(2026, 0, 1);
const FILE = 'environments.json';

function aWorld({ files, isPosted = false }: { readonly files?: MemoryFiles; readonly isPosted?: boolean } = {}) {
  const log = memoryLogger();
  const clock = new FakeClock(T);
  const timers = new FakeTimers(T);
  const environments = new RelayedEnvironments(newReplica);
  const changes = new RelayedChanges(clock, () => {});
  const answered: string[] = [];
  const intakes = new Intakes({
    environments,
    changes,
    files,
    clock,
    timers,
    logger: log,
    onAnswered: (id) => answered.push(id),
  });
  let told = 0;
  const intake = new AgentIntake({ environments, intakes, files, log, isPosted, onEnvironments: () => (told += 1) });
  const take = (data: object) => {
    const decoded = decodeAgentData(data, () => {});
    if (decoded === undefined) throw new Error('the message is none');
    return intake.take(decoded);
  };
  const everything = (...items: readonly object[]) => take({ eventType: 'rp_full', items });
  /** What is served: each environment by its key, with its flags; `?` while nothing is known of it. */
  const served = () =>
    environments.all.map(({ key, replica }) => {
      const flags = replica.everything().documents.map((document) => document.key);
      return replica.isFilled ? `${key} ${flags.join(' ')}`.trim() : `${key}?`;
    });
  return { log, clock, environments, changes, intakes, intake, take, everything, served, answered, told: () => told };
}

/** An environment in a message: `a@1` is a flag and its time. */
const item = (name: string, flags: readonly string[], secret = `secret-${name}`) => ({
  envId: name,
  secrets: [{ type: 'server', projectKey: 'shop', envKey: name, envId: name, value: secret }],
  featureFlags: flags.map((flag) => {
    const [key = '', at = ''] = flag.split('@');
    return featBitFlag(key, T + Number(at), { envId: name });
  }),
  segments: [],
});
const bare = (name: string, flags: readonly string[]) => ({ ...item(name, flags), secrets: [] });
const push = (name: string, ...flags: readonly string[]) => ({ eventType: 'patch', ...item(name, flags) });

describe('what an agent is told', () => {
  it('fills each environment, with the secrets that count from then on', async () => {
    const { everything, served, environments, answered } = aWorld();
    expect(await everything(item('prod', ['a@1', 'b@2']), item('dev', []))).toBe(false);
    expect(served()).toEqual(['shop:prod a b', 'shop:dev']);
    expect(await environments.secrets.byValue('secret-prod')).toMatchObject({ kind: 'server' });
    expect(answered).toEqual(['prod', 'dev']);
    await everything(item('prod', ['a@1', 'b@2'], 'other'), item('dev', []));
    expect(await environments.secrets.byValue('secret-prod')).toBeUndefined();
    expect(await environments.secrets.byValue('other')).toMatchObject({ environment: { id: 'prod' } });
  });

  it('in everything takes away what is not in it, by its key in the log', async () => {
    const { everything, served, log } = aWorld();
    await everything(item('prod', ['a@1']), item('dev', ['b@1']));
    await everything(item('dev', ['b@1']));
    expect(served()).toEqual(['shop:dev b']);
    expect(log.lines.filter((line) => line.includes('does not give'))).toHaveLength(1);
    await everything();
    expect(served()).toEqual([]);
  });

  it('of an environment that is given back after it was taken away fills it again', async () => {
    const { everything, served, take, changes, environments } = aWorld();
    await everything(item('prod', ['a@1']));
    await everything();
    await everything(item('prod', ['a@1', 'b@2']));
    expect(served()).toEqual(['shop:prod a b']);
    await take(push('prod', 'c@3'));
    expect(served()).toEqual(['shop:prod a b c']);
    expect(environments.byId('prod')?.freshness.state).toBe('live');
    const { documents } = await changes.everything('prod');
    expect(documents.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it('of an environment that is given back without something has its readers given everything', async () => {
    const { everything, changes } = aWorld();
    const replacements: string[] = [];
    changes.watchReplacements(({ environmentId }) => replacements.push(environmentId));
    await everything(item('prod', ['a@1', 'b@2']));
    await everything();
    await everything(item('prod', ['a@1']));
    expect(replacements).toEqual(['prod']);
  });

  it('as newer adds to what is there, and leaves environments and secrets as they are', async () => {
    const { everything, take, served, environments, told } = aWorld();
    await everything(item('prod', ['a@1']), item('dev', ['b@1']));
    expect(await take({ eventType: 'rp_patch', items: [bare('prod', ['c@3'])] })).toBe(false);
    expect(served()).toEqual(['shop:prod a c', 'shop:dev b']);
    expect(await environments.secrets.byValue('secret-prod')).toMatchObject({ environment: { key: 'shop:prod' } });
    expect(told()).toBe(1);
  });

  it('as a change goes to the environment that it says it is of; one that is not served is left out', async () => {
    const { everything, take, served, log } = aWorld();
    await everything(item('prod', []), item('dev', []));
    const changes = [push('dev', 'x@5'), push('prod', 'y@6'), push('gone', 'z@7')];
    const featureFlags = changes.flatMap((change) => change.featureFlags);
    await take({ eventType: 'patch', featureFlags, segments: [] });
    expect(served()).toEqual(['shop:prod y', 'shop:dev x']);
    expect(log.lines).toContain('warn upstream has pushed a change of an environment that is not served');
  });

  it('is asked for once more when everything is older than what was pushed before it', async () => {
    const { everything, take, served } = aWorld();
    await everything(item('prod', ['a@1']));
    await take(push('prod', 'b@5'));
    expect(await everything(item('prod', ['a@1']))).toBe(true);
    expect(served()).toEqual(['shop:prod a b']);
    expect(await everything(item('prod', ['a@1']))).toBe(false);
    expect(served()).toEqual(['shop:prod a']);
  });

  it('by hand gets older from then on: nobody says when it changes', async () => {
    const { everything, environments } = aWorld({ isPosted: true });
    await everything(item('prod', ['a@1']));
    const freshness = environments.byId('prod')?.freshness;
    expect([freshness?.state, freshness?.age(T + 5_000)]).toEqual(['interrupted', 5_000]);
  });
});

describe('agents behind it', () => {
  it.each<[what: string, next: readonly object[], news: boolean]>([
    ['the same comes again', [item('prod', ['a@1']), item('dev', [])], false],
    ['only flags have changed', [item('prod', ['a@1', 'b@2']), item('dev', ['c@3'])], false],
    ['another secret counts', [item('prod', ['a@1'], 'other'), item('dev', [])], true],
    ['a secret is gone', [bare('prod', ['a@1']), item('dev', [])], true],
    ['an environment is gone', [item('prod', ['a@1'])], true],
    ['all environments are gone', [], true],
    ['an environment is new', [item('prod', ['a@1']), item('dev', []), item('test', [])], true],
  ])('when %s are given everything anew: %3$s', async (_, next, news) => {
    const { everything, told } = aWorld();
    await everything(item('prod', ['a@1']), item('dev', []));
    expect(told()).toBe(1);
    await everything(...next);
    expect(told()).toBe(news ? 2 : 1);
  });
});

describe('the environments of an earlier run', () => {
  const kept = async () => {
    const files = new MemoryFiles();
    const before = aWorld({ files });
    await before.everything(item('prod', ['a@1']), item('dev', []));
    await before.intakes.close();
    return files;
  };

  it('are served with what was kept of them, secrets included', async () => {
    const { intake, served, environments } = aWorld({ files: await kept() });
    await intake.restore();
    expect(served()).toEqual(['shop:prod a', 'shop:dev']);
    expect(environments.all.map(({ freshness }) => freshness.state)).toEqual(['starting', 'starting']);
    expect(await environments.secrets.byValue('secret-dev')).toMatchObject({ environment: { id: 'dev' } });
  });

  it('are no news when upstream gives the same', async () => {
    const files = await kept();
    const { intake, everything, told } = aWorld({ files });
    await intake.restore();
    const writes = files.writes.filter((write) => write.includes(FILE)).length;
    await everything(item('prod', ['a@1']), item('dev', []));
    expect(told()).toBe(0);
    expect(files.writes.filter((write) => write.includes(FILE))).toHaveLength(writes);
  });

  it('are none where nothing was kept, and where there is no disk', async () => {
    for (const files of [new MemoryFiles(), undefined]) {
      const { intake, served, log } = aWorld(files === undefined ? {} : { files });
      await intake.restore();
      expect([served(), log.lines]).toEqual([[], []]);
    }
  });

  it.each<[what: string, content: string, served: string[], errors: number]>([
    ['empty', '', [], 1],
    ['cut off', '[{"id":"prod","ke', [], 1],
    ['no list', '{"id":"prod","key":"shop:prod","secrets":[]}', [], 0],
    ['a list of something else', '[null,7,"prod",[]]', [], 0],
    ['of environments without ids', '[{"key":"shop:prod","secrets":[]}]', [], 0],
    ['of environments without keys', '[{"id":"prod","secrets":[]}]', [], 0],
    ['of environments without secrets', '[{"id":"prod","key":"shop:prod"}]', [], 0],
    [
      'damaged for one of two',
      '[{"id":7},{"id":"prod","key":"shop:prod","secrets":[{"kind":"server","value":"x"}]}]',
      ['shop:prod a'],
      0,
    ],
  ])('in a file that is %s are served as far as they can be', async (_, content, environments, errors) => {
    const files = await kept();
    files.files.set(FILE, { content, time: 0 });
    const { intake, served, log } = aWorld({ files });
    await intake.restore();
    expect(served()).toEqual(environments);
    expect(log.lines.filter((line) => line.startsWith('error'))).toHaveLength(errors);
  });

  it('that cannot be read are reported, and upstream fills the relay all the same', async () => {
    const files = await kept();
    files.readFailure = new Error('EIO: i/o error, read');
    const { intake, served, everything, log } = aWorld({ files });
    await intake.restore();
    expect(log.lines).toEqual(['error the environments of an earlier run cannot be read']);
    files.readFailure = undefined;
    await everything(item('prod', ['a@1']));
    expect(served()).toEqual(['shop:prod a']);
  });

  it('that cannot be kept are reported, and served', async () => {
    const files = new MemoryFiles();
    files.failure = MemoryFiles.full();
    const { everything, served, log, told } = aWorld({ files });
    await everything(item('prod', ['a@1']));
    expect(served()).toEqual(['shop:prod a']);
    expect(told()).toBe(1);
    expect(log.lines).toContain('error the environments cannot be kept on disk: the next start needs upstream');
  });

  it('never have a secret in the log, whatever fails', async () => {
    const files = new MemoryFiles();
    files.failure = MemoryFiles.full();
    const { everything, take, log } = aWorld({ files });
    await everything(item('prod', ['a@1']));
    await everything(item('dev', []));
    await take(push('gone', 'x@5'));
    expect(log.lines.length).toBeGreaterThan(2);
    expect(log.lines.join('\n')).not.toContain('secret-');
  });
});

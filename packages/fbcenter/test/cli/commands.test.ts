import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newSecret } from '../../src/access/secrets.js';
import { VERSION } from '../../src/version.js';
import { Child, Shell } from '../support/child.js';
import { startExperimentCenter, users } from '../support/experiment-center.js';
import { runLine } from '../support/run-line.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const LISTENS = /listens on (http:\S+:\d+)/;

const listFlags = async (url: string, token: string) =>
  (await fetch(`${url}/api/v1/environments/dev/flags`, { headers: { authorization: `Bearer ${token}` } })).status;

describe('the command in a process of its own', () => {
  it('says what it has made, serves, ends at SIGINT and SIGTERM, and is the same at the next start, which repeats no credential', async () => {
    const folder = join(temporaryFolder(), 'data');
    const printed: string[] = [];
    for (const [signal, log] of [
      ['SIGINT', /^\S+ warn the data folder is new[^\n]*\n$/],
      ['SIGTERM', /^$/],
    ] as const) {
      const child = new Child('../src/cli/main.ts', ['--port', '0', '--data', folder]);
      const [, url = ''] = await child.untilMatch(LISTENS);
      await child.untilMatch(/Ctrl-C/);
      expect(child.stdout).toContain(folder);
      const shown = [...child.stdout.matchAll(/(?:admin token|server secret|client secret): ([\w-]{43,44})$/gm)].map(
        ([, credential = '']) => credential,
      );
      printed.push(...shown);
      const [secret = '', , token = ''] = printed;
      expect(await listFlags(url, token)).toBe(200);
      expect(
        (await fetch(`${url}/api/public/sdk/server/latest-all`, { headers: { authorization: secret } })).status,
      ).toBe(200);
      // The request that is printed works as it is once the token is in it.
      const [, header = '', address = ''] = /curl -H "Authorization: ([^"]+)" (\S+)/.exec(child.stdout) ?? [];
      const authorization = header.replace('YOUR_TOKEN', token);
      expect((await fetch(address, { headers: { authorization } })).status).toBe(200);
      child.kill(signal);
      expect(await child.exited()).toEqual({ code: 0, signal: null });
      expect(child.stdout).toMatch(/has stopped\.\n$/);
      expect(child.stderr).toMatch(log);
    }
    // The second start has shown nothing: a log collector may read it.
    expect(printed).toHaveLength(3);
  }, 60_000);
});

describe('the command under npm', () => {
  it('ends at a SIGTERM that only its parent gets: npm passes it to a shell, which ends alone', async () => {
    const shell = new Shell('../src/cli/main.ts', ['--port', '0', '--memory'], { npm_command: 'exec' });
    await shell.untilMatch(/Ctrl-C/);
    shell.kill('SIGTERM');
    // The output ends with the last process that can write to it.
    await shell.exited();
    expect(shell.stdout).toMatch(/has stopped\.\n$/);
  }, 60_000);
});

describe('the command', () => {
  /** Runs it in this process until `whileRunning` is over. */
  async function run(
    args: readonly string[],
    variables: Record<string, string> = {},
    whileRunning: (out: string) => Promise<void> = async () => {},
    isTerminal = false,
  ) {
    return runLine({
      args,
      variables,

      isTerminal,
      whileRunning,
    });
  }

  it('does not print credentials that it was given, here or in its log', async () => {
    const secrets = {
      FBCENTER_ADMIN_TOKEN: 'token-of-my-own-and-long',
      FBCENTER_SERVER_SECRET: newSecret('1'.repeat(32)),
      FBCENTER_CLIENT_SECRET: newSecret('2'.repeat(32)),
    };
    const { code, out, err } = await run(
      ['--port', '0', '--memory', '--log-level', 'debug'],
      secrets,
      async (started) => {
        const [, url = ''] = LISTENS.exec(started) ?? [];
        expect(await listFlags(url, secrets.FBCENTER_ADMIN_TOKEN)).toBe(200);
        expect(await listFlags(url, 'wrong')).toBe(401);
        const headers = { authorization: secrets.FBCENTER_SERVER_SECRET };
        expect((await fetch(`${url}/api/public/sdk/server/latest-all`, { headers })).status).toBe(200);
      },
    );
    expect(code).toBe(0);
    expect(out).toContain('in memory');
    for (const secret of Object.values(secrets)) expect(out + err).not.toContain(secret);
  });

  it('draws an experiment of a center that runs, again and again when it is to, and says why it cannot', async () => {
    const { center, post, track } = await startExperimentCenter();
    const args = ['experiment', 'show', 'e', '--url', center.url];
    const variables = { FBCENTER_ADMIN_TOKEN: center.adminToken };
    expect(await run(args, variables)).toMatchObject({
      code: 1,
      err: 'fbcenter: The experiment has not been started yet.\n',
    });
    await post('/experiments/e/start');
    const at = Date.now();
    await track(...users('c', 'off', 300, 30, at), ...users('t', 'on', 300, 90, at));
    const once = await run(args, variables);
    expect(once).toMatchObject({ code: 0, err: '' });
    expect(once.out).toMatch(
      /^New checkout \(e\) on the flag checkout: running.*\nBETTER {2}“true” is better in Purchases/,
    );
    const watched = await run([...args, '--watch'], variables, async () => {}, true);
    expect(watched).toMatchObject({ code: 0, out: `\u001b[H\u001b[2J${once.out}\n` });
    expect(await run(args, { FBCENTER_ADMIN_TOKEN: 'wrong-token-that-is-long' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('access token'),
    });
    const nowhere = await run(['experiment', 'show', 'e', '--url', 'http://127.0.0.1:1'], variables);
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('No center answers at http://127.0.0.1:1') });
  });

  it('backs up a center that runs, and restores it once it is stopped, in the words of an operator', async () => {
    const home = temporaryFolder();
    const [data, file] = [join(home, 'data'), join(home, 'copy.db')];
    const options = ['--data', data];
    await run(['--port', '0', ...options], {}, async () => {
      expect(await run(['backup', file, ...options])).toMatchObject({
        code: 0,
        out: expect.stringMatching(
          /^copying .*\nchecking .*\n.*copy\.db holds 0 flags and segments.*Keep it private\.\n$/,
        ),
        err: '',
      });
      expect(await run(['restore', file, ...options, '--force'])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^fbcenter: The data folder .* is in use .*stop that one/),
      });
    });
    expect(await run(['backup', file, ...options])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^fbcenter: .*copy\.db is there already: .*--force.*\n$/),
    });
    expect(await run(['restore', file, ...options, '--force'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/holds the 0 flags .*\n.*before are in .*before-restore\.\n.*everything anew\.\n$/),
    });
  });

  it('does not start on a folder without data when they are required', async () => {
    const { code, out, err } = await run(['--require-data', '--data', join(temporaryFolder(), 'empty'), '--port', '0']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^fbcenter: The data folder .*empty has no data\. .*mounted/);
  });

  it('shows a person at a terminal at each start what is kept, and everybody only what this start has made', async () => {
    const data = ['--port', '0', '--data', join(temporaryFolder(), 'data')];
    const shown = ({ out }: { readonly out: string }) =>
      [...out.matchAll(/(admin token|environment|server secret|client secret): (\S+)/g)].map(([, what, text = '']) =>
        /^[\w-]{43,44}$/.test(text) ? `${what} shown` : `${what} ${text}`,
      );
    const dev = ['environment dev', 'server secret shown', 'client secret shown'];
    const kept = ['environment dev', 'server secret (kept;', 'client secret (kept;'];
    const prod = ['environment prod', 'server secret shown', 'client secret shown'];
    expect(shown(await run(data))).toEqual([...dev, 'admin token shown']);
    expect(shown(await run(data))).toEqual([...kept, 'admin token (kept;']);
    expect(shown(await run(data, {}, undefined, true))).toEqual([...dev, 'admin token shown']);
    const more = await run([...data, '--environment', 'dev,prod']);
    expect(shown(more)).toEqual([...kept, ...prod, 'admin token (kept;']);
    expect(more.out).toContain('the page shows it, under Environments');
    expect(more.out).toContain('Bearer YOUR_TOKEN');
  });

  it('prints a link for the first admin, to a person as long as there is none; it leads to an account', async () => {
    const data = ['--port', '0', '--data', join(temporaryFolder(), 'data')];
    const linkIn = ({ out }: { readonly out: string }) => /^ {2}http:\S+\/welcome#([\w-]{43})$/m.exec(out)?.[1];
    const first = await run(data);
    const [again, quiet] = [await run(data, {}, undefined, true), await run(data)];
    expect([first, again].map(linkIn)).toEqual([expect.any(String), expect.any(String)]);
    expect([linkIn(again) === linkIn(first), linkIn(quiet)]).toEqual([false, undefined]);
    const later = await run(
      data,
      {},
      async (started) => {
        const [, url = ''] = LISTENS.exec(started) ?? [];
        const follow = async (link: string | undefined) =>
          fetch(`${url}/api/v1/links/follow`, {
            method: 'POST',
            body: JSON.stringify({ link, name: 'ada', password: 'correct horse battery' }),
          });
        expect((await follow(linkIn(again))).status).toBe(410);
        expect((await follow(linkIn({ out: started }))).status).toBe(200);
      },
      true,
    );
    expect(linkIn(later)).toBeDefined();
    const last = await run(data, {}, undefined, true);
    expect(linkIn(last)).toBeUndefined();
    expect(last.out).toContain('open it in a browser and sign in');
  }, 30_000);

  describe('users invite', () => {
    const LINK = /^A link for (.+), in private: it works once, until \S+Z\.\n(http:\S+)\/welcome#([\w-]{43})\n$/;

    it('makes a link in the folder of a center that is stopped, and by one that runs', async () => {
      const data = ['--data', join(temporaryFolder(), 'data')];
      await run(['--port', '0', ...data]);
      const link = (result: { readonly out: string }) => LINK.exec(result.out)?.slice(1) ?? [];
      const stopped = [
        await run(['users', 'invite', ...data]),
        await run(['users', 'invite', 'ada', 'editor', ...data]),
        await run(['users', 'invite', 'Ada', ...data, '--public-url', 'http://flags.example']),
      ];
      expect(stopped.map(link)).toEqual([
        ['the first admin', 'http://127.0.0.1:5100', expect.any(String)],
        ['ada', 'http://127.0.0.1:5100', expect.any(String)],
        ['Ada', 'http://flags.example', expect.any(String)],
      ]);
      await run(['--port', '0', ...data], {}, async (started) => {
        const [, url = ''] = LISTENS.exec(started) ?? [];
        const at = ['--port', new URL(url).port, ...data];
        const look = async ([, , code]: readonly string[]) => {
          const init = { method: 'POST', body: JSON.stringify({ link: code }) };
          const answer = await fetch(`${url}/api/v1/links/look`, init);
          return [answer.status, ((await answer.json()) as { readonly name?: string | null }).name];
        };
        // The later one for the same user voids the earlier.
        expect(await Promise.all(stopped.map((result) => look(link(result))))).toEqual([
          [200, null],
          [410, undefined],
          [200, 'ada'],
        ]);
        for (const [name, role, seen] of [
          [[], [], null],
          [['ada'], [], 'ada'],
          [['Bob'], ['admin'], 'Bob'],
        ] as const) {
          const made = await run(['users', 'invite', ...name, ...role, ...at]);
          expect(await look(link(made)), made.err).toEqual([200, seen]);
        }
        const elsewhere = await run(['users', 'invite', 'cyd', '--port', '1', ...data]);
        expect([elsewhere.code, elsewhere.err]).toEqual([
          1,
          expect.stringMatching(/no center answers at .*--host and --port/),
        ]);
        const wrong = await run(['users', 'invite', 'cyd', ...at], { FBCENTER_ADMIN_TOKEN: 'x'.repeat(20) });
        expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('refuses the access token')]);
      });
    }, 30_000);

    it.each([
      [['users'], 2, /users is called as: /],
      [['users', 'remove'], 2, /users is called as: /],
      [['users', 'invite', 'ada', 'owner'], 2, /viewer, editor, admin/],
      [['users', 'invite', 'ada', 'admin', 'more'], 2, /users is called as: /],
      [['users', 'invite', '--memory'], 2, /--memory/],
      [['users', 'invite', '--data', '/nowhere/at/all'], 1, /There is no fbcenter\.db in \/nowhere/],
    ])('refuses %j with code %d', async (args, code, message) => {
      const result = await run(args);
      expect([result.code, result.err]).toEqual([code, expect.stringMatching(message)]);
    });
  });

  it('takes several secrets of an environment, and warns of one that still counts though it is not given any more', async () => {
    const data = ['--port', '0', '--data', join(temporaryFolder(), 'data')];
    const [old, next] = [newSecret('1'.repeat(32)), newSecret('2'.repeat(32))];
    const statuses: number[] = [];
    const poll = async (started: string) => {
      const [, url = ''] = LISTENS.exec(started) ?? [];
      for (const authorization of [old, next]) {
        statuses.push((await fetch(`${url}/api/public/sdk/server/latest-all`, { headers: { authorization } })).status);
      }
    };
    await run(data, { FBCENTER_SERVER_SECRET: old }, poll);
    const both = await run(data, { FBCENTER_SERVER_SECRET: `${next},${old}` }, poll);
    const alone = await run(data, { FBCENTER_SERVER_SECRET: next }, poll);
    expect(statuses).toEqual([200, 401, 200, 200, 200, 200]);
    expect([both.err, alone.err]).toEqual([
      '',
      expect.stringContaining('a secret still counts that is not in the settings'),
    ]);
    expect(both.out).toContain('server secret: (2, as given)');
    for (const secret of [old, next]) expect(both.out + alone.out + alone.err).not.toContain(secret);
  });

  it('with a port in use ends with code 1 and one line that says what to do', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    onTestFinished(() => void blocker.close());
    const { port } = blocker.address() as { port: number };
    const { code, out, err } = await run(['--memory', '--port', String(port)]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(new RegExp(`^fbcenter: Port ${port} on 127\\.0\\.0\\.1 is in use: .*another port.*\\n$`));
  });

  it('with bad settings ends with code 2 and a line for each', async () => {
    const { code, err } = await run(['--port', '99999', '--admin-token', 'short'], { FBCENTER_SERVER_SECRET: 'bad' });
    expect(code).toBe(2);
    expect(err.split('\n').map((line) => line.split(': ')[1])).toEqual([
      '--port (FBCENTER_PORT)',
      '--admin-token (FBCENTER_ADMIN_TOKEN)',
      '--server-secret (FBCENTER_SERVER_SECRET)',
      undefined,
    ]);
  });

  it('explains itself and prints its version', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('Usage: fbcenter'), err: '' });
    expect(await run(['--version'])).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
  });
});

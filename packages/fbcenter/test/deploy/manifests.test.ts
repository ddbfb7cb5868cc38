import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readCommand } from '../../src/cli/command-line.js';
import { readConfigFile } from '../../src/cli/config-file.js';
import { SETTINGS } from '../../src/cli/settings.js';
import type { ConfigProblem } from '../../src/errors.js';
import { resolveOptions } from '../../src/options.js';
import { VERSION } from '../../src/version.js';
import { COMPOSE, KUBERNETES, unknownFields } from './shapes.js';

// biome-ignore lint/suspicious/noExplicitAny: tests look into manifests freely
type Loose = any;

const text = (name: string) => readFileSync(new URL(`../../../../deploy/${name}`, import.meta.url), 'utf8');
const USER = 10001;

/** What a config file says, with the problems that a start would have. */
function problemsOf(config: string): readonly string[] {
  const problems: ConfigProblem[] = [];
  readConfigFile('f', config, SETTINGS, problems);
  const command = readCommand(['--config', 'f'], {}, (path) =>
    path === 'f' ? config : path.endsWith('database') ? 'postgres://u:p@h:5432/flags' : 'x'.repeat(40),
  );
  if (command.kind === 'start') resolveOptions(command.options);
  return problems.map(({ option, message }) => `${option}: ${message}`);
}

/** Variables of ours that there are: a misspelt one would be of no effect. */
function unknownVariables(names: readonly string[]): readonly string[] {
  const known = Object.values(SETTINGS).flatMap(({ variable }) => [variable, `${variable}_FILE`]);
  return names.filter((name) => name.startsWith('FBCENTER_') && ![...known, 'FBCENTER_CONFIG'].includes(name));
}

describe('deploy/compose.yaml', () => {
  const compose: Loose = parse(text('compose.yaml'), { merge: true });
  const services: Loose[] = Object.values(compose.services);
  const centers = services.filter((service) => service.image.startsWith('fbcenter'));

  it('has only fields that the Compose specification knows', () => {
    expect(unknownFields(compose, COMPOSE)).toEqual([]);
  });

  it('has two centers that are alike, behind what alone is seen from outside', () => {
    expect(centers).toHaveLength(2);
    expect(centers[0]).toEqual(centers[1]);
    expect(services.filter(({ ports }) => ports !== undefined)).toEqual([compose.services.balancer]);
    expect(compose.networks.inside.internal).toBe(true);
    for (const port of compose.services.balancer.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    const caddy = text('Caddyfile');
    for (const [name, service] of Object.entries<Loose>(compose.services)) {
      if (centers.includes(service)) expect(caddy).toContain(`${name}:5100`);
    }
  });

  it('pins every image, takes rights away, and names only what it declares', () => {
    for (const service of services) {
      expect(service.image).toMatch(/:\d+\.\d+/);
      for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
      for (const { source } of service.configs ?? []) expect(compose.configs).toHaveProperty(source);
      for (const network of service.networks) expect(compose.networks).toHaveProperty(network);
      for (const needed of Object.keys(service.depends_on ?? {})) expect(compose.services).toHaveProperty(needed);
    }
    for (const service of [...centers, compose.services.balancer]) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    }
    for (const { file } of Object.values<Loose>(compose.configs))
      expect(() => text(file.replace('./', ''))).not.toThrow();
  });

  it('gives centers settings that there are, and credentials as files only', () => {
    const { environment, image } = centers[0];
    expect(image).toBe(`fbcenter:${VERSION}`);
    expect(unknownVariables(Object.keys(environment))).toEqual([]);
    for (const name of Object.keys(environment)) if (/TOKEN|SECRET|DATABASE/.test(name)) expect(name).toMatch(/_FILE$/);
  });
});

describe('deploy/fbcenter.yaml', () => {
  it('is a config file that a start would take', () => {
    expect(problemsOf(text('fbcenter.yaml'))).toEqual([]);
  });
});

describe('deploy/kubernetes.yaml', () => {
  const documents: Loose[] = parseAllDocuments(text('kubernetes.yaml')).map((document) => document.toJS());
  const of = (kind: string): Loose => documents.find((document) => document.kind === kind);
  const pod: Loose = of('Deployment').spec.template;
  const [container] = pod.spec.containers;

  it.each(documents.map((document) => [document.kind, document]))(
    'has a %s with fields that Kubernetes knows, of its API version',
    (kind, document) => {
      const [apiVersion, shape] = KUBERNETES[kind] ?? [];
      expect([
        document.apiVersion,
        unknownFields(document, { apiVersion: 1, kind: 1, metadata: { name: 1, labels: '*' }, ...shape }),
      ]).toEqual([apiVersion, []]);
    },
  );

  it('has selectors that find the pods, and ports that have a name', () => {
    const { labels } = pod.metadata;
    for (const kind of ['Deployment', 'PodDisruptionBudget'])
      expect(of(kind).spec.selector.matchLabels).toEqual(labels);
    expect(of('Service').spec.selector).toEqual(labels);
    const names = container.ports.map(({ name }: Loose) => name);
    expect(names).toContain(of('Service').spec.ports[0].targetPort);
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
      expect(names).toContain(container[probe].httpGet.port);
  });

  it('restarts nothing because the database is away, and sends nobody where it is', () => {
    expect(container.livenessProbe.httpGet.path).toBe('/health/liveness');
    expect(container.readinessProbe.httpGet.path).toBe('/health/readiness');
    expect(of('PodDisruptionBudget').spec.minAvailable).toBeLessThan(of('Deployment').spec.replicas);
    expect(of('Deployment').spec.strategy.rollingUpdate.maxUnavailable).toBe(0);
  });

  it('is not called as the variables are, and takes rights away', () => {
    expect(of('Service').metadata.name).not.toBe('fbcenter');
    expect(pod.spec).toMatchObject({
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.image).toMatch(new RegExp(`:${VERSION.replaceAll('.', '\\.')}$`));
    expect(container.resources.limits).toHaveProperty('memory');
  });

  it('mounts what its config file names, and the config file is one that a start would take', () => {
    const config = of('ConfigMap').data['fbcenter.yaml'];
    expect(problemsOf(config)).toEqual([]);
    const volumes = pod.spec.volumes.map(({ name }: Loose) => name);
    expect(container.volumeMounts.map(({ name }: Loose) => name).sort()).toEqual([...volumes].sort());
    const mounted = container.volumeMounts.find(({ name }: Loose) => name === 'secrets').mountPath;
    for (const [, key] of config.matchAll(new RegExp(`: ${mounted}/(\\S+)`, 'g')))
      expect(of('Secret').stringData).toHaveProperty(key);
    expect(container.args).toEqual(['--config', `${container.volumeMounts[0].mountPath}/fbcenter.yaml`]);
    // An example has no credential in it.
    for (const value of Object.values(of('Secret').stringData)) expect(value).toContain('REPLACE_ME');
  });
});

describe('a field that nobody knows', () => {
  it.each([
    [{ name: 'x', service: {} }, ['service']],
    [{ services: { a: { image: 'x', port: [] } } }, ['services.a.port']],
    [{ services: { a: { healthcheck: { tests: 1 } } } }, ['services.a.healthcheck.tests']],
    [
      { services: { a: { secrets: ['s'], depends_on: { b: { conditions: 1 } } } } },
      ['services.a.depends_on.b.conditions'],
    ],
    [{ services: 5 }, ['services']],
  ])('of %j is found', (value, paths) => {
    expect(unknownFields(value, COMPOSE)).toEqual(paths);
  });
});

describe('deploy/fbcenter.service', () => {
  const lines = text('fbcenter.service')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));

  it('has three parts, and lines that say something', () => {
    expect(lines.filter((line) => line.startsWith('['))).toEqual(['[Unit]', '[Service]', '[Install]']);
    for (const line of lines.filter((one) => !one.startsWith('['))) expect(line).toMatch(/^[A-Z][A-Za-z]+=/);
  });

  it('checks the config file that it starts with, by commands that there are', () => {
    const [check = '', start = ''] = [...values('ExecStartPre'), ...values('ExecStart')].map(
      (line) => line.split('fbcenter.js ')[1],
    );
    expect(readCommand(check.split(' '), {}, () => '')).toMatchObject({ kind: 'config', verb: 'check' });
    expect(readCommand(start.split(' '), {}, () => '')).toMatchObject({ kind: 'start' });
    expect(check.split(' ').at(-1)).toBe(start.split(' ').at(-1));
    const variables = values('Environment').map((line) => line.split('=')[0] ?? '');
    expect(unknownVariables(variables)).toEqual([]);
  });

  it('runs as a user without rights, that may write its own folder only', () => {
    for (const key of [
      'DynamicUser',
      'NoNewPrivileges',
      'ProtectHome',
      'PrivateTmp',
      'PrivateDevices',
      'RestrictSUIDSGID',
      'LockPersonality',
    ]) {
      expect([key, values(key)]).toEqual([key, ['yes']]);
    }
    expect([values('ProtectSystem'), values('CapabilityBoundingSet'), values('StateDirectory')]).toEqual([
      ['strict'],
      [''],
      ['fbcenter'],
    ]);
    // The compiler of V8 needs it.
    expect(values('MemoryDenyWriteExecute')).toEqual([]);
    expect(values('Environment').filter((line) => /TOKEN=|SECRET=|DATABASE=/.test(line))).toEqual([]);
    expect(values('RestartPreventExitStatus')).toEqual(['2']);
  });
});

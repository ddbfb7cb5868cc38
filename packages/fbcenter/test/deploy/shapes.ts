/**
 * The fields that something may have: `1` = a plain value or a list of some, `'*'` = anything; of a list each item has the shape, and `each` stands for
 * names that are chosen. Of Compose and Kubernetes these are the fields that our examples use, with neighbours that are easily mistaken for them.
 */
export type Shape = 1 | '*' | { readonly [field: string]: Shape };

/** The paths of fields that the shape does not have, or that are something else there. */
export function unknownFields(value: unknown, shape: Shape, path = ''): readonly string[] {
  if (shape === '*') return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownFields(item, shape, `${path}[${index}]`));
  const isObject = typeof value === 'object' && value !== null;
  if (shape === 1) return isObject ? [path] : [];
  if (!isObject) return [path];
  return Object.entries(value).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const known = shape[name] ?? shape.each;
    return known === undefined ? [at] : unknownFields(member, known, at);
  });
}

export const COMPOSE: Shape = {
  name: 1,
  services: {
    each: {
      image: 1,
      build: { context: 1, dockerfile: 1, args: '*' },
      command: 1,
      entrypoint: 1,
      environment: '*',
      configs: { source: 1, target: 1, mode: 1 },
      secrets: 1,
      volumes: 1,
      networks: 1,
      ports: 1,
      depends_on: { each: { condition: 1 } },
      healthcheck: { test: 1, interval: 1, timeout: 1, retries: 1, start_period: 1 },
      read_only: 1,
      tmpfs: 1,
      cap_drop: 1,
      security_opt: 1,
      user: 1,
      init: 1,
      stop_grace_period: 1,
      restart: 1,
    },
  },
  networks: { each: { internal: 1, driver: 1 } },
  volumes: { each: { driver: 1 } },
  configs: { each: { file: 1 } },
  secrets: { each: { file: 1 } },
};

const SELECTOR: Shape = { matchLabels: '*' };
const PROBE: Shape = {
  httpGet: { path: 1, port: 1 },
  initialDelaySeconds: 1,
  periodSeconds: 1,
  timeoutSeconds: 1,
  failureThreshold: 1,
};

const POD: Shape = {
  enableServiceLinks: 1,
  automountServiceAccountToken: 1,
  terminationGracePeriodSeconds: 1,
  securityContext: { runAsNonRoot: 1, runAsUser: 1, runAsGroup: 1, fsGroup: 1, seccompProfile: { type: 1 } },
  topologySpreadConstraints: { maxSkew: 1, topologyKey: 1, whenUnsatisfiable: 1, labelSelector: SELECTOR },
  containers: {
    name: 1,
    image: 1,
    args: 1,
    command: 1,
    env: { name: 1, value: 1 },
    ports: { name: 1, containerPort: 1 },
    securityContext: { allowPrivilegeEscalation: 1, readOnlyRootFilesystem: 1, capabilities: { drop: 1 } },
    resources: { requests: { cpu: 1, memory: 1 }, limits: { cpu: 1, memory: 1 } },
    startupProbe: PROBE,
    livenessProbe: PROBE,
    readinessProbe: PROBE,
    lifecycle: { preStop: { exec: { command: 1 } } },
    volumeMounts: { name: 1, mountPath: 1, readOnly: 1 },
  },
  volumes: {
    name: 1,
    configMap: { name: 1 },
    secret: { secretName: 1, defaultMode: 1 },
    emptyDir: { medium: 1, sizeLimit: 1 },
  },
};

/** By kind: the version of its API, and what it has besides `apiVersion`, `kind` and `metadata`. */
export const KUBERNETES: Readonly<
  Record<string, readonly [apiVersion: string, shape: Readonly<Record<string, Shape>>]>
> = {
  Secret: ['v1', { type: 1, stringData: { each: 1 } }],
  ConfigMap: ['v1', { data: { each: 1 } }],
  Service: ['v1', { spec: { selector: '*', ports: { name: 1, port: 1, targetPort: 1 } } }],
  PodDisruptionBudget: ['policy/v1', { spec: { minAvailable: 1, maxUnavailable: 1, selector: SELECTOR } }],
  Deployment: [
    'apps/v1',
    {
      spec: {
        replicas: 1,
        selector: SELECTOR,
        strategy: { type: 1, rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
        template: { metadata: { labels: '*' }, spec: POD },
      },
    },
  ],
};

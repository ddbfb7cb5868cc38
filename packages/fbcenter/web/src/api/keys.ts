import type { QueryKey } from '@tanstack/react-query';

/** What loaded things are kept under; everything of an environment begins alike. */
export const keys = {
  session: ['session'],
  environments: ['environments'],
  summaries: (environment: string): QueryKey => ['env', environment, 'summaries'],
  usage: (environment: string): QueryKey => ['env', environment, 'usage'],
  evaluations: (environment: string, flag: string): QueryKey => ['env', environment, 'evaluations', flag],
  why: (environment: string): QueryKey => ['env', environment, 'why'],
  latestUsers: (environment: string): QueryKey => ['env', environment, 'latest-users'],
  connections: (environment: string): QueryKey => ['env', environment, 'connections'],
  secrets: (environment: string): QueryKey => ['env', environment, 'secrets'],
  flag: (environment: string, key: string): QueryKey => ['env', environment, 'flag', key],
  segments: (environment: string): QueryKey => ['env', environment, 'segments'],
  segment: (environment: string, id: string): QueryKey => ['env', environment, 'segment', id],
  /** The messages of each are kept under it. */
  webhooks: (environment: string): QueryKey => ['env', environment, 'webhooks'],
  triggers: (environment: string, flag: string): QueryKey => ['env', environment, 'triggers', flag],
  metrics: (environment: string): QueryKey => ['env', environment, 'metrics'],
  experiments: (environment: string): QueryKey => ['env', environment, 'experiments'],
  /** Everything of one experiment begins alike. */
  experiment: (environment: string, key: string): QueryKey => ['env', environment, 'experiment', key],
} as const;

import { context, type Span, trace } from '@opentelemetry/api';
import { StackContextManager } from '@opentelemetry/sdk-trace';
import { FBClient, type Hook } from 'fbclient';
import { TestFlags } from 'fbclient/testing';
import { expect } from 'vitest';

export const ADA = { key: 'ada', email: 'ada@example.org' };

/** A client with the flags `theme` (a text; another one for ada) and `shape` (JSON). */
export function clientWith(...hooks: readonly Hook[]): FBClient {
  const client = new FBClient({ offline: true, hooks });
  const flags = new TestFlags(client, { theme: 'dark', shape: { a: 1 } });
  void flags.setFor('bob', { theme: 'light' });
  return client;
}

/** What every evaluation says of itself. */
export const OF_ALL = { 'feature_flag.provider.name': 'fbclient' };

/** Evaluations with what is reported of them. */
export const EVALUATIONS: readonly (readonly [
  string,
  (client: FBClient) => unknown,
  Readonly<Record<string, unknown>>,
])[] = [
  [
    'the fallthrough of a flag with targets',
    (client) => client.variation('theme', ADA, 'd'),
    {
      'feature_flag.key': 'theme',
      'feature_flag.result.variant': 'everybody',
      'feature_flag.result.reason': 'default',
      'feature_flag.context.id': 'ada',
    },
  ],
  [
    'a target',
    (client) => client.variation('theme', { key: 'bob' }, 'd'),
    {
      'feature_flag.key': 'theme',
      'feature_flag.result.variant': 'user bob',
      'feature_flag.result.reason': 'targeting_match',
      'feature_flag.context.id': 'bob',
    },
  ],
  [
    'a flag without targeting',
    (client) => client.variation('shape', ADA, null),
    {
      'feature_flag.key': 'shape',
      'feature_flag.result.variant': 'everybody',
      'feature_flag.result.reason': 'static',
      'feature_flag.context.id': 'ada',
    },
  ],
  [
    'an unknown flag',
    (client) => client.variation('x', ADA, { b: 2 }),
    {
      'feature_flag.key': 'x',
      'feature_flag.result.value': '{"b":2}',
      'feature_flag.result.reason': 'error',
      'feature_flag.context.id': 'ada',
      'error.type': 'flag_not_found',
      'feature_flag.error.message': 'there is no such flag, or it is archived',
    },
  ],
  [
    'another type',
    (client) => client.numberVariation('theme', ADA, 5),
    {
      'feature_flag.key': 'theme',
      'feature_flag.result.value': 5,
      'feature_flag.result.reason': 'error',
      'feature_flag.context.id': 'ada',
      'error.type': 'type_mismatch',
      'feature_flag.error.message': "the variation's value cannot be converted to the type asked for",
    },
  ],
  [
    'a bad user',
    (client) => client.boolVariation('theme', { key: '' }, true),
    {
      'feature_flag.key': 'theme',
      'feature_flag.result.value': true,
      'feature_flag.result.reason': 'error',
      'error.type': 'invalid_context',
      'feature_flag.error.message': expect.stringContaining('not blank'),
    },
  ],
];

/** Runs within a span, of whichever SDK. */
export function withActiveSpan(span: unknown, run: () => unknown): void {
  context.setGlobalContextManager(new StackContextManager().enable());
  try {
    context.with(trace.setSpan(context.active(), span as Span), run);
  } finally {
    context.disable();
  }
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as core from '../src/core.js';
import * as edge from '../src/edge.js';
import * as index from '../src/index.js';
import * as redis from '../src/redis.js';
import * as testing from '../src/testing.js';
import * as upstream from '../src/upstream.js';
import { VERSION } from '../src/version.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The names that a module exports: values, and types, which do not exist at run time. */
function exportsOf(path: string): { values: string[]; types: string[] } {
  const values: string[] = [];
  const types: string[] = [];
  for (const [, kind, list] of read(path).matchAll(/^export (type )?\{([^}]*)\}/gm)) {
    for (const item of (list ?? '').split(',')) {
      const [, own, name] = /^\s*(type )?(\w+)\s*$/.exec(item) ?? [];
      if (name !== undefined) ((kind ?? own) ? types : values).push(name);
    }
  }
  for (const [, kind, name = ''] of read(path).matchAll(/^export (class|function|type|interface) (\w+)/gm)) {
    (kind === 'class' || kind === 'function' ? values : types).push(name);
  }
  return { values: values.toSorted(), types: types.toSorted() };
}

// What is here is a promise. A name that goes, or changes what it is, breaks users: it needs a new major version.
const INDEX = {
  values: [
    'FBClient',
    'InvalidConfigError',
    'NotConfiguredError',
    'consoleLogger',
    'fileDataSource',
    'filePersistence',
    'get',
    'setConfig',
  ],
  types: [
    'AllFlagStates',
    'AllFlagStatesJson',
    'AnyFlags',
    'DataSink',
    'DataSource',
    'DeepReadonly',
    'Diagnostics',
    'DropReason',
    'EvalDetail',
    'EvaluatedFlag',
    'EvaluationMethod',
    'EvaluationResult',
    'EvaluationSeries',
    'EventCounters',
    'FBUser',
    'FailureCode',
    'FileDataSourceOptions',
    'FilePersistenceOptions',
    'FlagChangedListener',
    'FlagStateJson',
    'FlagTracker',
    'FlagValueChangedListener',
    'FlagValueMaybeChangedListener',
    'Hook',
    'InitializationResult',
    'JsonValue',
    'LogLevel',
    'Logger',
    'MissingAttribute',
    'OptionProblem',
    'Options',
    'Persistence',
    'Reason',
    'SourceError',
    'Status',
    'StatusListener',
    'SyncError',
    'UpdateState',
    'UpdateStatusProvider',
    'UserAttribute',
    'UserOf',
    'ValueType',
    'Wait',
  ],
};

// What fbclient/core gives to programs that speak the protocol; fbcenter is the first of them.
const CORE = {
  values: [
    'BUCKET_WIDTH',
    'Failure',
    'Flag',
    'FlagStore',
    'IN_SEGMENT',
    'KEY_ATTRIBUTE',
    'NOT_IN_SEGMENT',
    'OPERATORS',
    'Occasion',
    'Serving',
    'Variation',
    'bucketOf',
    'compileDataSyncNow',
    'compilePattern',
    'coversEverybody',
    'decodeConnectionToken',
    'decodeDataSyncEnvelope',
    'decodeFlag',
    'decodeSegment',
    'encodeConnectionToken',
    'explain',
    'findJsonFault',
    'isUser',
    'operationOf',
    'parseDecimal',
    'parseStringList',
    'parseVersion',
    'reportOnce',
    'segmentsOf',
    'warningText',
  ],
  types: [
    'AttributeSight',
    'ChangeSet',
    'Compiled',
    'ConditionDocument',
    'ConditionTrace',
    'DataSync',
    'DecidedBy',
    'Decoded',
    'Explanation',
    'FailureCode',
    'FlagDocument',
    'JsonFault',
    'JsonValue',
    'MissingAttribute',
    'Obstacle',
    'OperandKind',
    'Operation',
    'Operator',
    'Pattern',
    'RolloutDocument',
    'RolloutTrace',
    'RuleDocument',
    'RuleTrace',
    'SegmentDocument',
    'SegmentSight',
    'SegmentTrace',
    'ServingReason',
    'SkippedDocument',
    'SliceDocument',
    'TargetDocument',
    'User',
    'ValueType',
    'VariationDocument',
    'Warning',
    'WarningKind',
    'WarningReporter',
  ],
};

const EDGE = {
  values: ['EdgeClient', 'InvalidConfigError', 'consoleLogger'],
  types: [
    'AnyFlags',
    'EdgeOptions',
    'EvalDetail',
    'FBUser',
    'LoadFlags',
    'Logger',
    'OptionProblem',
    'PatternCompiler',
    'Reason',
  ],
};
const REDIS = { values: ['redisPersistence'], types: ['Persistence', 'RedisClient', 'RedisPersistenceOptions'] };
const UPSTREAM = {
  values: ['UpstreamServer', 'nodePlatform', 'sayTheSame'],
  types: [
    'Cancel',
    'Clock',
    'Delivered',
    'HttpOutcome',
    'HttpRefusal',
    'HttpRequest',
    'Network',
    'Platform',
    'RefusalKind',
    'Socket',
    'SocketHandlers',
    'SyncError',
    'UpstreamCommit',
    'UpstreamDocument',
    'UpstreamObserver',
    'UpstreamOptions',
  ],
};
const TESTING = { values: ['TestFlags'], types: ['TestValues'] };

describe.each([
  ['fbclient', '../src/index.ts', index, INDEX],
  ['fbclient/core', '../src/core.ts', core, CORE],
  ['fbclient/edge', '../src/edge.ts', edge, EDGE],
  ['fbclient/redis', '../src/redis.ts', redis, REDIS],
  ['fbclient/testing', '../src/testing.ts', testing, TESTING],
  ['fbclient/upstream', '../src/upstream.ts', upstream, UPSTREAM],
])('%s', (_name, path, module, pinned) => {
  it('exports these values and no others', () => {
    expect(Object.keys(module).toSorted()).toEqual(pinned.values);
  });

  it('exports these types and no others', () => {
    expect(exportsOf(path)).toEqual(pinned);
  });

  it('lists every name: nothing is exported as a whole', () => {
    expect(read(path)).not.toMatch(/export \*/);
  });
});

it('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(read('../package.json')).version);
});

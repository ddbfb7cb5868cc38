#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Center, startCenter } from './center.js';
import { type Command, helpText, problemLines, readCommand } from './command-line.js';
import { CenterError, InvalidConfigError } from './errors.js';
import { lineLogger } from './log.js';
import { VERSION } from './version.js';

type StartCommand = Extract<Command, { readonly kind: 'start' }>;

/** The command: exit code 0 after a stop that was asked for, 1 when it cannot run, 2 when it was called wrongly. */
async function main(): Promise<void> {
  try {
    const command = readCommand(process.argv.slice(2), process.env, (path) => readFileSync(path, 'utf8'));
    if (command.kind === 'help') process.stdout.write(helpText());
    else if (command.kind === 'version') process.stdout.write(`${VERSION}\n`);
    else await run(command);
  } catch (error) {
    process.exitCode = error instanceof InvalidConfigError ? 2 : 1;
    const lines = error instanceof InvalidConfigError ? problemLines(error) : [messageOf(error)];
    for (const line of lines) process.stderr.write(`fbcenter: ${line}\n`);
  }
}

async function run({ options, logLevel }: StartCommand): Promise<void> {
  const logger = lineLogger(logLevel, (line) => process.stderr.write(line));
  const center = await startCenter({ ...options, logger });
  // A second signal finds no listener and ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(center));
  process.stdout.write(greeting(center, options));
}

async function stop(center: Center): Promise<void> {
  await center.close();
  process.stdout.write('fbcenter has stopped.\n');
}

/** What one needs to go on from here. Credentials that were given are not repeated: they may not belong on this screen. */
function greeting(
  { url, environments, adminToken }: Center,
  { dataFolder, ...options }: StartCommand['options'],
): string {
  const given = '(as given)';
  const lines = [
    `fbcenter ${VERSION} listens on ${url}`,
    `data: ${dataFolder === undefined ? 'in memory, gone when it stops' : resolve(dataFolder)}`,
  ];
  for (const { key, serverSecret, clientSecret } of environments) {
    const configured = options.environments?.find((environment) => environment.key === key);
    lines.push(
      `environment: ${key}`,
      `  server secret: ${configured?.serverSecret === undefined ? serverSecret : given}`,
      `  client secret: ${configured?.clientSecret === undefined ? clientSecret : given}`,
    );
  }
  const token = options.adminToken === undefined ? adminToken : 'YOUR_TOKEN';
  lines.push(
    `admin token: ${options.adminToken === undefined ? adminToken : given}`,
    'list the flags:',
    `  curl -H "Authorization: Bearer ${token}" ${url}/api/v1/environments/${encodeURIComponent(environments[0]?.key ?? '')}/flags`,
    'Ctrl-C stops it.',
  );
  return `${lines.join('\n')}\n`;
}

function messageOf(error: unknown): string {
  if (error instanceof CenterError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

await main();

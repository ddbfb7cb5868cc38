import type { Platform, UpstreamServer } from 'fbclient/upstream';
import type { Logger } from '../../runtime/log.js';
import type { FirstAnswers } from '../first-answers.js';
import type { Intakes } from '../intakes.js';
import type { PrivateFiles } from '../private-files.js';
import type { ResolvedRelayOptions } from '../relay-options.js';
import type { RelayedEnvironments } from '../relayed-environments.js';
import { AgentClient } from './agent-client.js';
import type { AgentHub } from './agent-hub.js';
import { AgentIntake } from './agent-intake.js';

export interface UpstreamParts {
  readonly options: Pick<ResolvedRelayOptions, 'environments' | 'relayKey'>;
  /** Absent: the relay is filled by what is posted to it. */
  readonly server: UpstreamServer | undefined;
  readonly environments: RelayedEnvironments;
  readonly intakes: Intakes;
  readonly files: PrivateFiles | undefined;
  readonly platform: Platform;
  readonly log: Logger;
  readonly agents: Pick<AgentHub, 'environmentsChanged'>;
  /** Told what upstream has to answer first, and of all environments of a key that it has. */
  readonly answers: FirstAnswers;
}

/** Where a relay has its data from. */
export interface Upstream {
  /** Takes in what is posted; absent where there is a server. */
  readonly posted: AgentIntake | undefined;
  close(): void;
}

/** Stands for what an agent is told of all environments at once. */
const ALL = 'all';

/**
 * Begins to follow upstream: each environment over a connection of its own with its server secret, or all of a key over one, as an agent. What
 * an earlier run has kept is served when this fulfils.
 */
export async function followUpstream(parts: UpstreamParts): Promise<Upstream> {
  const { options, server, intakes, answers } = parts;
  if (options.environments === undefined) return followAsAgent(parts);
  const ends: (() => void)[] = [];
  for (const identity of options.environments) {
    const { intake, log } = await intakes.add(identity);
    answers.expect(identity.id);
    if (server !== undefined) ends.push(server.follow(identity.secrets[0]?.value ?? '', log, intake));
  }
  return {
    posted: undefined,
    close: () => {
      for (const end of ends) end();
    },
  };
}

async function followAsAgent(parts: UpstreamParts): Promise<Upstream> {
  const { options, server, environments, intakes, files, platform, log, agents, answers } = parts;
  const intake = new AgentIntake({
    environments,
    intakes,
    files,
    log,
    isPosted: server === undefined,
    onEnvironments: () => agents.environmentsChanged(),
  });
  await intake.restore();
  const { relayKey: key = '' } = options;
  const client =
    server &&
    new AgentClient({
      server,
      key,
      clock: platform.clock,
      random: () => platform.random(),
      log,
      environments: () => environments.all,
      take: async (data) => {
        const asksAgain = await intake.take(data);
        if (data.eventType === 'rp_full') answers.came(ALL);
        return asksAgain;
      },
      alive: () => {
        for (const one of intakes.all) one.alive();
      },
      interrupted: () => {
        for (const one of intakes.all) one.interrupted({ code: 'interrupted' });
      },
      refused: () => {
        for (const one of intakes.all) one.refused({ code: 'rejected' });
        if (intakes.all.length === 0) log.error('upstream refuses the relay: check the key', { code: 'rejected' });
      },
    });
  if (client !== undefined) answers.expect(ALL);
  client?.start();
  return {
    posted: client === undefined ? intake : undefined,
    close: () => client?.close(),
  };
}

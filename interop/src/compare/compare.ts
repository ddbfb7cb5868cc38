import type { Flag } from 'fbclient-conformance/reference';
import type { CenterEnvironment } from '../center.js';
import type { Driven, Who } from '../driven.js';
import { type Cause, causeOf } from './attribute.js';
import { type Answer, answerOf, FALLBACKS, OURS, THREW } from './model.js';
import type { QuirkName } from './quirks.js';
import type { World } from './world.js';

/** How many values of an SDK are not the center's, by cause. */
export interface Comparison {
  readonly evaluations: number;
  /** One for each cause. */
  readonly disagreements: readonly Disagreements[];
}

interface Disagreements {
  readonly cause: Cause;
  readonly count: number;
  /** The first of them. */
  readonly example: string;
}

/** By user, what each flag of the world has. */
export type Answers = readonly (readonly Answer[])[];

/**
 * What the center says, by its evaluate call.
 *
 * @throws when it does not say what the model says: then no cause could be named.
 */
export async function centerAnswers(world: World, { where }: CenterEnvironment): Promise<Answers> {
  const answers: Answer[][] = [];
  for (const who of world.users) {
    const said = await evaluateCall(where.url, where.serverSecret, who);
    const ofUser = world.flags.map((flag) => {
      const text = said.get(flag.key) ?? null;
      const value = text === null ? undefined : OURS.value(text, flag.variationType);
      return JSON.stringify(value ?? FALLBACKS[flag.variationType]);
    });
    for (const [index, flag] of world.flags.entries()) {
      const expected = answerOf(OURS, world, flag, who);
      if (ofUser[index] !== expected)
        throw new Error(`the center has ${ofUser[index]} for ${flag.key} and ${who.key}, and the model ${expected}`);
    }
    answers.push(ofUser);
  }
  return answers;
}

interface Evaluated {
  readonly key: string;
  readonly variation: { readonly value: string | null };
}

async function evaluateCall(url: string, secret: string, who: Who): Promise<ReadonlyMap<string, string | null>> {
  const customizedProperties = Object.entries(who.custom ?? {}).map(([name, value]) => ({ name, value }));
  const response = await fetch(`${url}/api/public/featureflag/evaluate`, {
    method: 'POST',
    headers: { authorization: secret, 'content-type': 'application/json' },
    body: JSON.stringify({ user: { keyId: who.key, name: who.name, customizedProperties } }),
  });
  if (!response.ok) throw new Error(`the evaluate call is answered ${response.status}: ${await response.text()}`);
  const evaluated = (await response.json()) as readonly Evaluated[];
  return new Map(evaluated.map(({ key, variation }) => [key, variation.value]));
}

/** Asks an SDK for every flag and user of a world, and finds the cause of each value that is not the center's. */
export async function compare(
  sdk: Driven,
  world: World,
  environment: CenterEnvironment,
  center: Answers,
  quirks: readonly QuirkName[],
): Promise<Comparison> {
  const [first] = world.users;
  if (first !== undefined) await sdk.start(environment.where, first);
  const disagreements = new Map<string, Disagreements>();
  for (const [index, who] of world.users.entries()) {
    const answers = await Promise.all(world.flags.map((flag) => ask(sdk, flag, who)));
    for (const [place, flag] of world.flags.entries()) {
      const answer = answers[place] ?? THREW;
      const expected = center[index]?.[place];
      if (answer === expected) continue;
      const cause = causeOf(world, flag, who, answer, quirks);
      const { count, example } = disagreements.get(String(cause)) ?? {
        count: 0,
        example: `${flag.key} for ${who.key} is ${answer} and not ${expected}`,
      };
      disagreements.set(String(cause), { cause, count: count + 1, example });
    }
  }
  await sdk.close();
  return { evaluations: world.users.length * world.flags.length, disagreements: [...disagreements.values()] };
}

async function ask(sdk: Driven, { key, variationType }: Flag, who: Who): Promise<Answer> {
  try {
    return JSON.stringify(await sdk.evaluate(key, who, variationType, FALLBACKS[variationType]));
  } catch {
    return THREW;
  }
}

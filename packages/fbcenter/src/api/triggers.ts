import { TRIGGER_ACTIONS } from '../model/trigger.js';
import { list, named, nullable, object, oneOf, type TypeOf, text, time, truth, whole } from './schema.js';

/** The bodies of what is about triggers. */

export const TriggerActionBody = oneOf(TRIGGER_ACTIONS, 'What it does to its flag.');

const triggerMembers = {
  id: text(),
  flag: text('The key of its flag.'),
  name: text(),
  action: TriggerActionBody,
  start: text('How its token begins.'),
  isEnabled: truth('Otherwise its address is as if there were none.'),
  createdBy: text(),
  createdAt: time(),
  uses: whole('How often it was used, whether or not the flag was like that already.'),
  lastUsedAt: nullable(time()),
};

/** A trigger, without its token. */
export const TriggerBody = named('Trigger', object(triggerMembers));
export type TriggerBody = TypeOf<typeof TriggerBody>;

/** The same with the token and the path to post to, which are not shown again. */
export const NewTriggerBody = named(
  'TriggerWithToken',
  object({
    ...triggerMembers,
    token: text(),
    path: text("What comes after the center's address: `POST` switches the flag."),
  }),
);
export type NewTriggerBody = TypeOf<typeof NewTriggerBody>;

export const TriggerListBody = object({ items: list(TriggerBody) });
export type TriggerListBody = TypeOf<typeof TriggerListBody>;

/** The data of an event `triggers`. */
export const TriggersEventBody = named('TriggersEvent', object({ flags: list(text('The key of a flag.')) }));
export type TriggersEventBody = TypeOf<typeof TriggersEventBody>;

/** What a flag is like after its trigger was used. */
export const TriggeredBody = object({ flag: text('Its key.'), isEnabled: truth(), version: whole() });
export type TriggeredBody = TypeOf<typeof TriggeredBody>;

import { list, named, nullable, object, oneOf, type TypeOf, text, time, whole } from './schema.js';

export const ConnectionBody = named(
  'Connection',
  object({
    id: text(),
    kind: oneOf(['server', 'client'], 'Whether it has come with a server secret or a client secret.'),
    name: nullable(text('The name that it gives.')),
    version: nullable(text('The version that it gives.')),
    since: time('When it was let in.'),
    sentVersion: nullable(
      whole("The environment's version up to which everything was sent to it; null before it was sent anything."),
    ),
    behind: nullable(whole('Changes that it has not been sent yet; null when it waits for everything anew.')),
  }),
);
export type ConnectionBody = TypeOf<typeof ConnectionBody>;

/** A page of the SDKs that stream an environment now, by when they came. */
export const ConnectionListBody = named(
  'ConnectionList',
  object({
    count: whole('All of them, not only those of the page.'),
    items: list(ConnectionBody),
    next: nullable(text('What to send as `after` for the page that follows.')),
  }),
);
export type ConnectionListBody = TypeOf<typeof ConnectionListBody>;

/** The data of an event `connections`: SDKs have come or gone. */
export const ConnectionsEventBody = named('ConnectionsEvent', object({ count: whole() }));
export type ConnectionsEventBody = TypeOf<typeof ConnectionsEventBody>;

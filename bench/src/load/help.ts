/** What can be asked for. It imports nothing, so that the help is there before anything is built. */

/** What can be measured, in this order. */
export const SCENES = ['connections', 'push', 'sync', 'insights', 'two-centers'] as const;

export type Scene = (typeof SCENES)[number];

/** Servers of others that a center can be measured beside. */
export const PEERS = ['go-feature-flag'] as const;

export type PeerName = (typeof PEERS)[number];

export const LOAD_HELP = `Measures flag centers under load: processes of their own on this machine, with raw clients on loopback.

npm run bench:center [-- OPTIONS]
  --scene NAMES      ${SCENES.join(', ')}; all of them unless given, with commas between
                       connections   the memory of a center with many connections
                       push          a change for everybody: until it is there, and the processor time of the center
                       sync          the bytes of everything, as it is and compressed
                       insights      the processor time of the center for an event, in a folder and on PostgreSQL
                       two-centers   a change at one center until it is with the clients of the other, on PostgreSQL
  --peer NAMES       measures a center beside a server of others, on the same work: ${PEERS.join(', ')}
                       Without --scene nothing else is measured.
  --connections N    of the first scene and beside a peer (50000), the others have a fifth and a tenth of it
  --flags N          flags of the environment (3000)
  --pushes N         changes that are measured (20)
  --plain            the connections offer no compression
  --check            exits with 1 when a target is missed
  --write            puts the tables of the scenes into docs/scaling.md
  --help

The targets are in docs/scaling.md. Each connection takes a file descriptor at either end, and an address for 20,000 of them: clients are at
127.0.0.2 and further. Each process raises its limit of open files as far as it may (ulimit -Hn). Where that is less, there are fewer connections, which
is said, and the memory for all of them is worked out from what each takes. PostgreSQL is Debian's; npm run check:postgres installs it. Each scene takes
half a minute to three. Everything ends by itself.

A peer is built from its module by Go, which must be installed, and kept in the folder for temporary files, one folder for each version: that takes some
minutes the first time. It needs Linux, where the memory and the processor time of any process can be read. When a peer cannot be had, the exit code
is 1. The work beside a peer takes some six minutes.`;

/** A fleet on paper: how many there are, where they are, and what each thing costs. */
export interface Plan {
  readonly sdks: number;
  readonly environments: number;
  /** The share of the SDKs in each region; the centers are in the first one. */
  readonly regions: readonly Region[];
  readonly flags: number;
  readonly costs: Costs;
  /** What SDKs wait at first and at most before they try again, in milliseconds: the defaults of fbclient. */
  readonly retry: { readonly first: number; readonly most: number };
}

export interface Region {
  readonly name: string;
  readonly share: number;
  readonly relays: number;
  /** From the region of the centers, there and back, in milliseconds. */
  readonly roundTrip: number;
}

/** What was measured: `npm run bench:center`. Processor time in microseconds. */
export interface Costs {
  /** For each connection that a change is pushed to. */
  readonly push: number;
  /** To let a connection in and bring it up to date from a cursor that is known. */
  readonly admit: number;
  /** The same with everything, compressed. */
  readonly admitFully: number;
  /** From the request for a change to its commit, in milliseconds. */
  readonly commit: number;
  /** From a commit at one center until another one has read it, in milliseconds. */
  readonly hint: number;
  /** Bytes of a change, of everything as it is and compressed, and of memory for a connection. */
  readonly changeBytes: number;
  readonly fullBytes: number;
  readonly compressedBytes: number;
  readonly connectionBytes: number;
}

/** Half of the round trip within a region, in milliseconds. */
const WITHIN_REGION = 0.5;
/** What an operating system takes from a packet to a program that waits, in milliseconds. */
const WAKING = 1;

/** What becomes of one change of a flag. */
export interface ChangeCost {
  readonly region: string;
  /** SDKs of the environment in the region, and of each relay. */
  readonly sdks: number;
  readonly ofRelay: number;
  /** From the request to the last SDK of the region, in milliseconds. */
  readonly milliseconds: number;
  /** Processor time of all relays of the region, in milliseconds. */
  readonly cpu: number;
  /** Bytes that the region's relays send. */
  readonly bytes: number;
}

/** A change in one environment, region by region: each relay is told once, and tells its SDKs. */
export function changeCosts({ sdks, environments, regions, costs }: Plan): readonly ChangeCost[] {
  return regions.map(({ name, share, relays, roundTrip }) => {
    const ofRegion = (sdks * share) / environments;
    const ofRelay = ofRegion / relays;
    const pushing = (ofRelay * costs.push) / 1_000;
    return {
      region: name,
      sdks: Math.round(ofRegion),
      ofRelay: Math.round(ofRelay),
      milliseconds: costs.commit + costs.hint + roundTrip / 2 + WAKING + pushing + WITHIN_REGION + WAKING,
      cpu: (ofRegion * costs.push) / 1_000,
      bytes: ofRegion * costs.changeBytes,
    };
  });
}

/** What a relay of a region holds. */
export function relayLoad({ sdks, environments, costs }: Plan, { share, relays }: Region) {
  const connections = (sdks * share) / relays;
  return {
    connections: Math.round(connections),
    /** Without the program itself, and with every environment's documents once. */
    megabytes: (connections * costs.connectionBytes + environments * costs.fullBytes) / 2 ** 20,
  };
}

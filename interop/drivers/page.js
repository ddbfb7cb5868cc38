/**
 * The driver's side for SDKs that run in a browser: what a page of the steps offers as `window.driver`. An SDK has one user at a
 * time, so a value for another one is asked for after that user was identified.
 */
export function serve({ start, identify, evaluate, track, flush, close }) {
  let current;
  const become = async (who) => {
    if (current === who.key) return;
    current = who.key;
    await identify(who);
  };
  window.driver = {
    async start(where, who) {
      current = who.key;
      await start(where, who);
    },
    async evaluate(flag, who, type, fallback) {
      await become(who);
      return evaluate(flag, type, fallback);
    },
    async track(who, eventName, value) {
      if (track === undefined) return 'not offered';
      await become(who);
      track(eventName, value);
    },
    flush,
    close,
  };
}

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Asks nothing of the outside, and runs where there is neither a display nor a sandbox. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// Loaded before a center: its clock is off by as much as the soak says, and jumps once while it runs.
const [offset = 0, jump = 0, after = 0] = (process.env.KILL_CLOCK ?? '').split(' ').map(Number);
const now = Date.now;
let lead = offset;
Date.now = () => now() + lead;
setTimeout(() => {
  lead += jump;
}, after).unref();

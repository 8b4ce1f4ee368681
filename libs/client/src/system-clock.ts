// The platform's own time, the same in Node and browsers.
import type { Clock } from './platform.js';

/** The longest that a timer can wait; what is due later comes early, which every owner of such a timer can bear. */
const LONGEST_MS = 0x7fff_ffff;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, Math.min(ms, LONGEST_MS));
    return () => clearTimeout(timer);
  },
};

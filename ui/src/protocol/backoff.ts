// How long to wait before trying the line again: doubling from half a second to ten, with jitter so that many pages that
// lost one server do not come back in step.

const FIRST_MS = 500;
const MOST_MS = 10_000;

/** The wait before the given attempt (1 is the first retry), in milliseconds; random is in [0, 1). */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(full * (0.75 + 0.5 * random));
}

// How finely the form is drawn: less finely where its pictures come late, so that it moves evenly on any machine.

import { THREADS } from "./shape";

export interface Detail {
  /** Pixels of the canvas for one of the page, at most. */
  ratio: number;
  threads: number;
}

const levels: Detail[] = [
  { ratio: 2, threads: THREADS },
  { ratio: 1.5, threads: THREADS },
  { ratio: 1, threads: 36 },
  { ratio: 1, threads: 24 },
  { ratio: 0.75, threads: 20 },
];

/** Pictures that are judged together. */
const JUDGED = 20;
/** The share by which they may be late on average. */
const TOLERATED = 1.2;
/** What takes longer is no slow picture, but a page that was away. */
const AWAY_MS = 400;

/** Follows the pictures and lowers the detail when they are late; it is not raised again, or the form would flicker. */
export class DetailWatch {
  private level: number;
  private seen = 0;
  private spentMs = 0;
  private wantedMs = 0;

  /** Where every pixel is costly, it begins with fewer. */
  constructor(costly = false) {
    this.level = costly ? 3 : 0;
  }

  get detail(): Detail {
    return levels[this.level] as Detail;
  }

  /** Takes the time between two pictures and what it should be, both in ms. Pure: the clock is the caller's. */
  see(passedMs: number, wantedMs: number): void {
    if (passedMs > AWAY_MS) return;
    this.spentMs += passedMs;
    this.wantedMs += wantedMs;
    if (++this.seen < JUDGED) return;
    if (this.spentMs > TOLERATED * this.wantedMs) this.level = Math.min(this.level + 1, levels.length - 1);
    this.seen = 0;
    this.spentMs = 0;
    this.wantedMs = 0;
  }
}

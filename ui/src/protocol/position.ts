// Where in her words the loudspeaker is, over WebRTC. The browser tells the RTP timestamp of the sound it plays; the
// server tells, with each clause, the RTP timestamp of its first sample. Both run at 48 kHz and wrap at 2^32.

const TICKS_PER_MS = 48;

interface Span {
  /** RTP timestamp of the span's first sample. */
  rtp: number;
  /** Content before this span, in milliseconds. */
  baseMs: number;
  durationMs: number;
}

export interface Position {
  itemID: string;
  playedMs: number;
  /** All that is known of the item has been played. */
  ended: boolean;
}

/** The signed distance from one RTP timestamp to another, in milliseconds, across the wrap. */
export function rtpDistanceMs(from: number, to: number): number {
  return ((to - from) | 0) / TICKS_PER_MS;
}

/**
 * Maps RTP timestamps to positions in items. Clauses are told in the order of their sound; an item's clauses may have
 * silence between them, which is not part of its played time.
 */
export class PlaybackMap {
  private items: { itemID: string; spans: Span[] }[] = [];

  /**
   * Adds a clause. Without rtp (or with the rtp of the item's beginning once more) it follows the clause before it;
   * an item's first clause without rtp begins at fallbackRtp.
   */
  add(itemID: string, durationMs: number, rtp: number | undefined, fallbackRtp: number): void {
    let item = this.items.at(-1);
    if (item?.itemID !== itemID) {
      item = { itemID, spans: [] };
      this.items.push(item);
      if (this.items.length > 8) this.items.shift();
    }
    const last = item.spans.at(-1);
    if (!last) {
      item.spans.push({ rtp: rtp ?? fallbackRtp, baseMs: 0, durationMs });
      return;
    }
    const contiguous = (last.rtp + Math.round(last.durationMs * TICKS_PER_MS)) >>> 0;
    const repeated = rtp === undefined || rtp === item.spans[0]?.rtp;
    item.spans.push({ rtp: repeated ? contiguous : rtp, baseMs: last.baseMs + last.durationMs, durationMs });
  }

  /** Forgets an item: what was left of it will not be played. */
  drop(itemID: string): void {
    this.items = this.items.filter((item) => item.itemID !== itemID);
  }

  clear(): void {
    this.items = [];
  }

  /** The position at an RTP timestamp, latencyMs earlier at the ear; null while nothing has begun. */
  at(rtp: number, latencyMs: number): Position | null {
    for (let i = this.items.length - 1; i >= 0; i--) {
      const item = this.items[i];
      const first = item?.spans[0];
      if (!item || !first || rtpDistanceMs(first.rtp, rtp) - latencyMs < 0) continue;
      let playedMs = 0;
      for (const span of item.spans) {
        const into = rtpDistanceMs(span.rtp, rtp) - latencyMs;
        if (into < 0) break;
        playedMs = span.baseMs + Math.min(into, span.durationMs);
      }
      const last = item.spans.at(-1);
      const total = last ? last.baseMs + last.durationMs : 0;
      return { itemID: item.itemID, playedMs: Math.round(playedMs), ended: playedMs >= total };
    }
    return null;
  }
}

// Where in her words the loudspeaker is, over WebRTC. The browser tells the RTP timestamp of the sound it plays; the
// server tells, with each clause, the RTP timestamp of its first sample. Both run at 48 kHz and wrap at 2^32.

const TICKS_PER_MS = 48;

/** From here on the item's sound runs evenly: contentMs of it had sounded when this RTP timestamp did. */
interface Anchor {
  rtp: number;
  contentMs: number;
}

interface Item {
  itemID: string;
  /** Where it began and went on, in order; empty until the server has told it. */
  anchors: Anchor[];
  /** All that is known of it. */
  durationMs: number;
  /** Where it fell silent, until it goes on. */
  pausedMs: number | null;
  /** It was played to its end, wherever its sound seems to be. */
  over: boolean;
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
 * Maps RTP timestamps to positions in items. Nothing is sent while an item pauses (the next clause is not ready, or she is
 * held), and the RTP clock runs on: where it pauses and goes on is told by the server.
 */
export class PlaybackMap {
  private items: Item[] = [];

  /** The item's first sample has this RTP timestamp. */
  begin(itemID: string, rtp: number): void {
    this.item(itemID).anchors = [{ rtp, contentMs: 0 }];
  }

  /** Adds a clause behind those before it. */
  add(itemID: string, durationMs: number): void {
    this.item(itemID).durationMs += durationMs;
  }

  /** The item falls silent when so much of it has sounded. */
  paused(itemID: string, contentMs: number): void {
    this.item(itemID).pausedMs = contentMs;
  }

  /** The item goes on with what follows after contentMs, at this RTP timestamp. */
  resumed(itemID: string, contentMs: number, rtp: number): void {
    const item = this.item(itemID);
    item.pausedMs = null;
    item.anchors.push({ rtp, contentMs });
  }

  /** The server has sent all of an item and nothing more of it comes out: it was played to its end. */
  end(itemID: string): void {
    const item = this.items.find((item) => item.itemID === itemID);
    if (item) item.over = true;
  }

  /** Forgets an item: what was left of it will not be played. */
  drop(itemID: string): void {
    this.items = this.items.filter((item) => item.itemID !== itemID);
  }

  /** The position at an RTP timestamp, latencyMs earlier at the ear; null while nothing has begun. */
  at(rtp: number, latencyMs: number): Position | null {
    for (const item of this.items.toReversed()) {
      const since = (anchor: Anchor) => rtpDistanceMs(anchor.rtp, rtp) - latencyMs;
      const index = item.anchors.findLastIndex((anchor) => since(anchor) >= 0);
      const anchor = item.anchors[index];
      if (!anchor || item.durationMs === 0) continue;
      const pauseMs = item.anchors[index + 1]?.contentMs ?? item.pausedMs ?? item.durationMs;
      const soundedMs = Math.min(anchor.contentMs + since(anchor), pauseMs, item.durationMs);
      const playedMs = item.over ? item.durationMs : soundedMs;
      return { itemID: item.itemID, playedMs: Math.round(playedMs), ended: playedMs >= item.durationMs };
    }
    return null;
  }

  private item(itemID: string): Item {
    const known = this.items.find((item) => item.itemID === itemID);
    if (known) return known;
    const item: Item = { itemID, anchors: [], durationMs: 0, pausedMs: null, over: false };
    this.items = [...this.items, item].slice(-8);
    return item;
  }
}

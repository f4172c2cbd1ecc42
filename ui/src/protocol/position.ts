// Where in her words the loudspeaker is, over WebRTC. The browser tells the RTP timestamp of the sound it plays; the
// server tells, with each clause, the RTP timestamp of its first sample. Both run at 48 kHz and wrap at 2^32.

const TICKS_PER_MS = 48;

/** A server that makes the next clause late sends it at once; this long it takes to the loudspeaker at least. */
const ARRIVAL_MS = 40;
/** Frames are 20 ms long and clauses are not: how far a clause's end may seem to lie from where the sound stopped. */
const FRAME_SLACK_MS = 60;

interface Span {
  /** Where the span begins, in milliseconds after the item's first sample, silence included. */
  offsetMs: number;
  /** Content before this span, in milliseconds. */
  baseMs: number;
  durationMs: number;
}

interface Item {
  itemID: string;
  /** RTP timestamp of the item's first sample; null until the server has told it. */
  start: number | null;
  spans: Span[];
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
 * Maps RTP timestamps to positions in items. Clauses are told in the order of their sound; an item's clauses may have
 * silence between them (the next one was not ready), which is not part of its played time.
 */
export class PlaybackMap {
  private items: Item[] = [];

  /** The item's first sample has this RTP timestamp. */
  begin(itemID: string, rtp: number): void {
    this.item(itemID).start = rtp;
  }

  /**
   * Adds a clause. rtp is the timestamp of its first sample where the server tells it. Else it follows the clause before
   * it, but never begins before what is playing now: a clause that comes late left silence before it.
   */
  add(itemID: string, durationMs: number, rtp: number | undefined, playingRtp: number | undefined): void {
    const item = this.item(itemID);
    const last = item.spans.at(-1);
    if (!last) {
      if (rtp !== undefined) item.start = rtp;
      item.spans.push({ offsetMs: 0, baseMs: 0, durationMs });
      return;
    }
    let offsetMs = last.offsetMs + last.durationMs;
    if (item.start !== null && rtp !== undefined) {
      offsetMs = Math.max(offsetMs, rtpDistanceMs(item.start, rtp));
    } else if (item.start !== null && playingRtp !== undefined) {
      const playing = rtpDistanceMs(item.start, playingRtp);
      if (playing > offsetMs) offsetMs = playing + ARRIVAL_MS;
    }
    item.spans.push({ offsetMs, baseMs: last.baseMs + last.durationMs, durationMs });
  }

  /**
   * No frame came after stoppedRtp for a while, and then sound went on at rtp: nothing is sent through silence, while the
   * RTP clock runs on. If the sound stopped where a clause ends, the next clause begins at rtp. A stop inside a clause
   * was the network's and moves nothing.
   */
  resumed(stoppedRtp: number, rtp: number): void {
    for (const item of this.items.toReversed()) {
      if (item.start === null) continue;
      const stopped = rtpDistanceMs(item.start, stoppedRtp);
      if (stopped < 0) continue;
      const ended = item.spans.findLastIndex((s) => s.offsetMs + s.durationMs <= stopped + FRAME_SLACK_MS);
      const next = item.spans[ended + 1];
      if (ended < 0 || !next || next.offsetMs < stopped - FRAME_SLACK_MS) return;
      const moved = rtpDistanceMs(item.start, rtp) - next.offsetMs;
      for (const span of item.spans.slice(ended + 1)) span.offsetMs += moved;
      return;
    }
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
      const last = item.spans.at(-1);
      if (item.start === null || !last) continue;
      const intoItem = rtpDistanceMs(item.start, rtp) - latencyMs;
      if (intoItem < 0) continue;
      const span = item.over ? last : (item.spans.findLast((s) => s.offsetMs <= intoItem) ?? last);
      const intoSpan = item.over ? last.durationMs : Math.min(intoItem - span.offsetMs, span.durationMs);
      const playedMs = span.baseMs + intoSpan;
      return { itemID: item.itemID, playedMs: Math.round(playedMs), ended: playedMs >= last.baseMs + last.durationMs };
    }
    return null;
  }

  private item(itemID: string): Item {
    const known = this.items.find((item) => item.itemID === itemID);
    if (known) return known;
    const item: Item = { itemID, start: null, spans: [], over: false };
    this.items = [...this.items, item].slice(-8);
    return item;
  }
}

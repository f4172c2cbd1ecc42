// Her words appear as they are heard: each clause comes with how long it sounds, and its words are spread over that time.

export interface Clause {
  text: string;
  /** How long the clause sounds, in milliseconds; 0 for words without sound. */
  durationMs: number;
}

/** The clauses as one text, with a space wherever two would run together. */
export function joinClauses(clauses: readonly Clause[]): string {
  let text = "";
  for (const clause of clauses) text = append(text, clause.text);
  return text;
}

/** Appends words to a text with one space between, unless either side has brought its own. */
export function append(text: string, more: string): string {
  if (text === "" || more === "" || /\s$/.test(text) || /^\s/.test(more)) return text + more;
  return `${text} ${more}`;
}

export function totalMs(clauses: readonly Clause[]): number {
  return clauses.reduce((sum, clause) => sum + clause.durationMs, 0);
}

/**
 * What of the clauses has been heard after playedMs of their sound: whole words only, a word counting from its onset.
 * Within a clause a word takes its share by length, and the pause that punctuation asks for.
 */
export function heardText(clauses: readonly Clause[], playedMs: number): string {
  let text = "";
  let startMs = 0;
  for (const clause of clauses) {
    if (playedMs >= startMs + clause.durationMs) {
      text = append(text, clause.text);
    } else if (playedMs <= startMs) {
      break;
    } else {
      text = append(text, wordsBy(clause, playedMs - startMs));
      break;
    }
    startMs += clause.durationMs;
  }
  return text;
}

function wordsBy(clause: Clause, atMs: number): string {
  const words = clause.text.match(/\s*\S+/g) ?? [];
  const weights = words.map(weight);
  const whole = weights.reduce((sum, w) => sum + w, 0);
  let text = "";
  let passed = 0;
  for (const [i, word] of words.entries()) {
    if ((passed / whole) * clause.durationMs > atMs) break;
    text += word;
    passed += weights[i] ?? 0;
  }
  return text;
}

function weight(word: string): number {
  const letters = word.trim().length + 1;
  return /[.?!…]["”’)]*$/.test(word) ? letters + 5 : /[,;:—–]$/.test(word) ? letters + 3 : letters;
}

// The page's API. Errors come as problem+json; their detail is a sentence for the person.

export class APIError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Session {
  person: { id: string; name: string };
  companion: { name: string };
  met: boolean;
  instance: string;
  version: string;
  secure: boolean;
}

export interface Voice {
  id: string;
  name: string;
  description: string;
  speed?: number;
}

export interface Meeting {
  done: boolean;
  step: "name" | "manner" | "voice" | "naming" | "done";
  prompt: string;
  said?: string;
  choices?: { value: string; label: string }[] | null;
  voices?: Voice[] | null;
}

export interface Moment {
  id: string;
  sequence: number;
  at: string;
  speaker: "person" | "companion" | "system";
  channel: "voice" | "text";
  words: string;
  cut?: boolean;
  planned?: string;
}

export interface Part {
  id: string;
  name: string;
  model: string;
  place: string;
  local: boolean;
  state: "ready" | "loading" | "missing" | "restarting" | "stopped";
  detail?: string;
}

export interface Status {
  parts: Part[];
  mind: {
    model: string;
    place: string;
    local: boolean;
    promptTokensPerSecond?: number;
    generateTokensPerSecond?: number;
  };
  leaves: string[] | null;
}

export type Kind = "talk" | "memories" | "mail" | "pictures";

export interface MindPlaces {
  current: Record<string, unknown>;
  found: { kind: string; address: string; models: string[] | null }[] | null;
  consents: Record<Kind, boolean>;
}

export type MindChoice =
  | { kind: "embedded" }
  | { kind: "openai"; address: string; model: string; key?: string; consents: Kind[] };

export interface Settings {
  captions: boolean;
  theme: "auto" | "light" | "dark";
  /** No sounds of hers that are no words; what the house has set while the person has not chosen. */
  quiet?: boolean;
  /** She answers this person's voice alone; what the house has set while the person has not chosen. */
  onlyMyVoice?: boolean;
}

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new APIError(0, "Twombly does not answer. Look whether the program still runs.");
  }
  const text = await response.text();
  if (!response.ok) throw new APIError(response.status, detailOf(text) ?? `The server answered ${response.status}.`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

function detailOf(text: string): string | null {
  try {
    const problem = JSON.parse(text) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? null;
  } catch {
    return null;
  }
}

export const api = {
  ownerLink: (secret: string) => request<void>("POST", "/api/owner-link", { secret }),
  session: () => request<Session>("GET", "/api/session"),
  signOut: () => request<void>("POST", "/api/sign-out", {}),
  meeting: () => request<Meeting>("GET", "/api/meeting"),
  answerMeeting: (text: string) =>
    request<Meeting>("POST", "/api/meeting", { text, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
  skipMeeting: () => request<Meeting>("POST", "/api/meeting/skip", {}),
  voices: () => request<{ voices: Voice[] | null; current: string; speed?: number }>("GET", "/api/voices"),
  sampleURL: (id: string) => `/api/voices/${encodeURIComponent(id)}/sample`,
  chooseVoice: (id: string, speed?: number) =>
    request<void>("PUT", "/api/voice", speed === undefined ? { id } : { id, speed }),
  history: (before: number | null, q: string) => {
    const query = new URLSearchParams({ limit: "50" });
    if (before !== null) query.set("before", String(before));
    if (q !== "") query.set("q", q);
    return request<{ items: Moment[] | null; more: boolean }>("GET", `/api/history?${query}`);
  },
  status: () => request<Status>("GET", "/api/status"),
  mind: () => request<MindPlaces>("GET", "/api/mind"),
  chooseMind: (choice: MindChoice) => request<void>("PUT", "/api/mind", choice),
  settings: () => request<Settings>("GET", "/api/settings"),
  saveSettings: (settings: Settings) => request<void>("PUT", "/api/settings", settings),
  forgetMyVoice: () => request<void>("DELETE", "/api/own-voice"),
};

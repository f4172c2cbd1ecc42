import type { ComponentChildren } from "preact";
import { Form } from "../form/Form";
import type { Mood } from "../protocol/reduce";

const still = () => ({ microphone: 0, voice: 0 });

/** A page that says one thing. */
export function Plain({ title, mood, children }: { title: string; mood?: Mood; children: ComponentChildren }) {
  return (
    <main class="plain">
      <Form mood={mood ?? "asleep"} levels={still} />
      <h1>{title}</h1>
      <div class="plain-text">{children}</div>
    </main>
  );
}

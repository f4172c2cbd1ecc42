import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Back } from "./icons";

/** A panel: the whole screen on a phone, beside the talk on a desk. The keyboard goes to its heading when it opens. */
export function Panel({ title, onClose, children }: { title: string; onClose(): void; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <aside class="panel" aria-label={title}>
      <header>
        <button type="button" class="round quiet" aria-label="Back to the talk" onClick={onClose}>
          <Back />
        </button>
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
      </header>
      {children}
    </aside>
  );
}

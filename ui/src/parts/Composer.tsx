import { useRef, useState } from "preact/hooks";
import { Send } from "./icons";

interface Props {
  label: string;
  onSend(text: string): void;
}

/** Text beside voice: Enter sends, Shift and Enter makes a new line. */
export function Composer({ label, onSend }: Props) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const send = () => {
    if (text.trim() === "") return;
    onSend(text);
    setText("");
    field.current?.focus();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        value={text}
        aria-label={label}
        placeholder={label}
        enterkeyhint="send"
        autocomplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" class="send" aria-label="Send" disabled={text.trim() === ""}>
        <Send />
      </button>
    </form>
  );
}

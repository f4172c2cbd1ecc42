import { useEffect, useReducer } from "preact/hooks";
import type { Call } from "../call/call";

/** Renders again at each change of the call. */
export function useCall(call: Call): void {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => call.subscribe(() => again(undefined as never)), [call]);
}

/** An `error` event that says why, as an `ErrorEvent` does, which Node.js has not. */
export function failureEvent(error: unknown): Event {
  const message = error instanceof Error ? error.message : String(error);
  return Object.assign(new Event("error"), { error, message });
}

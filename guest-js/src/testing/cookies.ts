/** The cookies that a page may read, of each sidecar. Paths and times do not count here. */
export class Cookies {
  readonly #values = new Map<string, Map<string, string>>();

  /** Keeps the cookies that an answer sets, as long as it does not end them. */
  take(sidecar: string, headers: Headers): void {
    const values = this.#values.get(sidecar) ?? new Map<string, string>();
    this.#values.set(sidecar, values);
    for (const header of headers.getSetCookie()) {
      const [pair = "", ...attributes] = header.split(";").map((part) => part.trim());
      const equals = pair.indexOf("=");
      if (equals < 1) continue;
      const name = pair.slice(0, equals);
      const isGone = attributes.some((attribute) => /^(httponly|max-age=(0|-.*))$/i.test(attribute));
      if (isGone) values.delete(name);
      else values.set(name, pair.slice(equals + 1));
    }
  }

  /** The names and values of a sidecar's cookies. */
  of(sidecar: string): [string, string][] {
    return [...(this.#values.get(sidecar) ?? [])];
  }
}

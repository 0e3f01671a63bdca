/** The options of `fetch`: those of the browser's own `fetch`, and two of the bridge. */
export interface FetchInit extends RequestInit {
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
  /**
   * How long the request waits for a sidecar that does not serve yet, in ms. Default: `waitMs` of the app's
   * configuration.
   */
  waitMs?: number;
}

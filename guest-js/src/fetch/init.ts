/** What `fetch` takes beside the address: the browser's own options, and which sidecar to ask. */
export interface FetchInit extends RequestInit {
  /** The sidecar's name in the app's configuration. Can be left out while there is only one. */
  sidecar?: string;
  /** How long to wait for a sidecar that does not serve yet, in ms. Default: `waitMs` of the app's configuration. */
  waitMs?: number;
}

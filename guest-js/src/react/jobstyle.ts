/**
 * The style of `JobProgress`. `:where` weighs nothing, so any rule of the app wins. The track is made of the color of the
 * text, and so fits a light and a dark page, whoever chose it.
 */
const STYLE = `
:where(.sidecar-job) {
  --sidecar-job-accent: #2563eb;
  --sidecar-job-error: #dc2626;
  --sidecar-job-height: 6px;
  display: grid;
  grid-template-columns: 1fr auto;
  /* As high as the button, so that nothing moves when that goes. */
  grid-template-rows: minmax(calc(0.875lh + 6px), auto);
  gap: 6px 12px;
  align-items: center;
}
@media (prefers-color-scheme: dark) {
  :where(.sidecar-job) {
    --sidecar-job-accent: #60a5fa;
    --sidecar-job-error: #f87171;
  }
}
:where(.sidecar-job-bar, .sidecar-job-text, .sidecar-job-end) { grid-column: 1 / -1; }
:where(.sidecar-job-text, .sidecar-job-end) {
  font-size: 0.875em;
  font-variant-numeric: tabular-nums;
  opacity: 0.8;
  overflow-wrap: anywhere;
}
:where(.sidecar-job-text:empty, .sidecar-job-end:empty) { position: absolute; }
:where(.sidecar-job[data-state="failed"] .sidecar-job-end) { color: var(--sidecar-job-error); opacity: 1; }
:where(.sidecar-job-bar) {
  height: var(--sidecar-job-height);
  border-radius: calc(var(--sidecar-job-height) / 2);
  background: color-mix(in srgb, currentColor 15%, transparent);
  overflow: hidden;
}
:where(.sidecar-job-fill) {
  height: 100%;
  border-radius: inherit;
  background: var(--sidecar-job-accent);
  transform-origin: 0 50%;
  transition: transform 200ms ease-out;
}
:where(.sidecar-job[data-state="failed"] .sidecar-job-fill) { background: var(--sidecar-job-error); }
:where(.sidecar-job[data-known="false"] .sidecar-job-fill) { transform: scaleX(0); }
:where(.sidecar-job:is([data-state="running"], [data-state="cancelling"])[data-known="false"] .sidecar-job-fill) {
  width: 40%;
  transform: none;
  animation: sidecar-job-unknown 1.6s ease-in-out infinite;
}
:where([dir="rtl"] .sidecar-job-fill) { transform-origin: 100% 50%; }
:where(.sidecar-job-cancel) {
  font: inherit;
  font-size: 0.875em;
  color: inherit;
  padding: 2px 10px;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent);
  border-radius: 6px;
  background: none;
  cursor: pointer;
}
:where(.sidecar-job-cancel:hover) { background: color-mix(in srgb, currentColor 8%, transparent); }
:where(.sidecar-job-cancel:focus-visible) { outline: 2px solid var(--sidecar-job-accent); outline-offset: 2px; }
:where(.sidecar-job-cancel:disabled) { opacity: 0.5; cursor: default; }
@keyframes sidecar-job-unknown {
  from { transform: translateX(-100%); }
  to { transform: translateX(250%); }
}
@media (prefers-reduced-motion: reduce) {
  :where(.sidecar-job-fill) { transition: none; }
  :where(.sidecar-job:is([data-state="running"], [data-state="cancelling"])[data-known="false"] .sidecar-job-fill) {
    width: 100%;
    opacity: 0.4;
    animation: none;
  }
}
@media (forced-colors: active) {
  :where(.sidecar-job-bar) { border: 1px solid CanvasText; }
  :where(.sidecar-job-fill) { background: Highlight; forced-color-adjust: none; }
}
`;

const styled = new WeakSet<Document>();

/** Adds the style to a document, once. By a sheet that a script makes, which no content security policy forbids. */
export function addStyle(document: Document): void {
  if (styled.has(document)) return;
  styled.add(document);
  // A document of tests may have no styles at all.
  if (!("adoptedStyleSheets" in document)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

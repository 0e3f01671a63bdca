// The first element to be seen with that role, and that accessible name or any. What a dialog covers does not count.
const [role, name] = arguments;
const SELECTORS = {
  alert: "[role=alert]",
  alertdialog: "[role=alertdialog]",
  button: "button:not([role])",
  combobox: "select",
  dialog: "[role=dialog]",
  field: "input, select, textarea, button[role=switch]",
  figure: "figure",
  heading: "h1, h2, h3",
  link: "a[href]",
  log: "[role=log]",
  menuitemradio: "[role=menuitemradio]",
  progressbar: "[role=progressbar]",
  row: "tbody tr",
  status: "[role=status]",
  switch: "[role=switch]",
  table: "table",
};
const textOf = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";
const nameOf = (element) =>
  element.getAttribute("aria-label") ??
  (element.getAttribute("aria-labelledby")?.split(" ").map((id) => textOf(document.getElementById(id))).join(" ") ||
    textOf(element.labels?.[0]) ||
    textOf(element));
const isSeen = (element) =>
  element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest("[aria-hidden=true]");
return [...document.querySelectorAll(SELECTORS[role])].find(
  (element) => isSeen(element) && (name === null || nameOf(element) === name),
) ?? null;

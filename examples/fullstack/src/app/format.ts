const number = new Intl.NumberFormat();
const money = new Intl.NumberFormat(undefined, { style: "currency", currency: "EUR" });
const shortMoney = new Intl.NumberFormat(undefined, {
  style: "currency",
  currency: "EUR",
  notation: "compact",
  minimumFractionDigits: 0,
  maximumFractionDigits: 1,
});
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const month = new Intl.DateTimeFormat(undefined, { month: "short", year: "2-digit", timeZone: "UTC" });

export const countOf = (value: number) => number.format(value);
export const moneyOf = (cents: number) => money.format(cents / 100);
export const shortMoneyOf = (cents: number) => shortMoney.format(cents / 100);
export const dateOf = (iso: string) => date.format(new Date(iso));
export const dateTimeOf = (iso: string) => dateTime.format(new Date(iso));
export const timeOf = (ms: number) => time.format(ms);
/** Of a month such as `2026-01`. */
export const monthOf = (iso: string) => month.format(new Date(`${iso}-01T00:00:00Z`));

const UNITS = ["bytes", "kB", "MB", "GB"];

export function bytesOf(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}

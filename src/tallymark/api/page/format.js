// How figures, days and ages read in this browser's language, the shop's currency and the shop's time zone.

const UNKNOWN = "–";
const known = (write) => (value) => (value === null || value === undefined ? UNKNOWN : write(Number(value)));
const AGES = [[60, "second"], [60, "minute"], [24, "hour"], [30, "day"], [12, "month"], [Infinity, "year"]];

export function formats({ currency, timezone }, locale = navigator.languages) {
  const number = (options) => {
    const format = new Intl.NumberFormat(locale, options);
    return known((value) => format.format(value));
  };
  const date = (options, timeZone = timezone) => new Intl.DateTimeFormat(locale, { ...options, timeZone });
  const instant = date({ dateStyle: "medium", timeStyle: "short" });
  const clock = date({ timeStyle: "medium" });
  const month = date({ month: "short", year: "numeric" }, "UTC");
  const shortMonth = date({ month: "short" }, "UTC");
  const percent = number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const firstOf = (text) => new Date(`${text}-01T00:00:00Z`);
  return {
    money: number({ style: "currency", currency }),
    compactMoney: number({ style: "currency", currency, notation: "compact", maximumFractionDigits: 1, minimumFractionDigits: 0 }),
    count: number({}),
    percent: (value) => percent(value === null || value === undefined ? value : value / 100),
    instant: (text) => instant.format(new Date(text)),
    clock: (text) => clock.format(new Date(text)),
    month: (text) => month.format(firstOf(text)),
    shortMonth: (text) => shortMonth.format(firstOf(text)),
    ago: (text, now = Date.now()) => ago(text, now, locale),
  };
}

// "just now", "3 minutes ago", "2 days ago"
export function ago(text, now, locale) {
  let amount = Math.max(0, (now - Date.parse(text)) / 1000);
  if (amount < 45) return "just now";
  for (const [size, unit] of AGES) {
    if (Math.round(amount) < size) return new Intl.RelativeTimeFormat(locale, { numeric: "always" }).format(-Math.round(amount), unit);
    amount /= size;
  }
}

// 272 -> "4:32"
export function countdown(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** How figures, days and instants are written: in the shop's currency and zone, by the reader's language. */

export interface Shop {
  slug: string;
  name: string;
  timezone: string;
  currency: string;
  role: "admin" | "analyst" | "viewer";
}

/** A ratio is any number that is not counted: days that stock lasts, orders of a customer. */
export type Unit = "money" | "count" | "percent" | "ratio";

export interface Format {
  /** `€1,234.50`; unknown is an en dash. */
  figure(value: number | null | undefined, unit: Unit): string;
  /** Short, for axes: `€1.2K`. */
  short(value: number, unit: Unit): string;
  /** `+12.5%` of a ratio of 0.125. */
  growth(ratio: number): string;
  /** A label of the API: a day, a month, or an hour; a brief month is without its year. */
  period(label: string, form?: "long" | "short" | "brief"): string;
  instant(iso: string): string;
  /** A sentence of the server, with its days, months and percentages as they are written here. */
  told(sentence: string): string;
}

export const UNKNOWN = "–";

/** From this growth on, tenths of a percent say nothing. */
const MANIFOLD = 10;

export function formats(shop: Shop, language = navigator.language): Format {
  const options = {
    money: { style: "currency", currency: shop.currency },
    count: {},
    percent: { style: "percent" },
    ratio: { maximumFractionDigits: 1, maximumSignificantDigits: 2, roundingPriority: "morePrecision" },
  } as const;
  const number = (unit: Unit, more: Intl.NumberFormatOptions = {}) =>
    new Intl.NumberFormat(language, { ...options[unit], ...more });
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const fine = number("ratio");
  const whole = {
    money: number("money"),
    count: number("count"),
    percent: number("percent", { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    // As many decimals as its like in a column, unless that left nothing of it.
    ratio: { format: (value: number) => (value !== 0 && Math.abs(value) < 0.1 ? fine : tenths).format(value) },
  };
  const compact = { notation: "compact", maximumFractionDigits: 1, minimumFractionDigits: 0 } as const;
  const short = {
    money: number("money", compact),
    count: number("count", compact),
    percent: number("percent"),
    ratio: number("ratio"),
  };
  const growth = new Intl.NumberFormat(language, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  const manifold = new Intl.NumberFormat(language, { style: "percent", signDisplay: "exceptZero" });
  const date = (form: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...form });
  const day = {
    long: date({ weekday: "short", day: "numeric", month: "short", year: "numeric" }),
    short: date({ day: "numeric", month: "short" }),
    brief: date({ day: "numeric", month: "short" }),
  };
  const month = {
    long: date({ month: "long", year: "numeric" }),
    short: date({ month: "short", year: "numeric" }),
    brief: date({ month: "short" }),
  };
  const hour = {
    long: date({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
    short: date({ hour: "2-digit", minute: "2-digit" }),
    brief: date({ hour: "2-digit", minute: "2-digit" }),
  };
  const instant = new Intl.DateTimeFormat(language, {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: shop.timezone,
  });
  const period: Format["period"] = (label, form = "long") => {
    if (label.length === 7) return month[form].format(new Date(`${label}-01`));
    return (label.includes("T") ? hour : day)[form].format(new Date(label.includes("T") ? `${label}Z` : label));
  };
  return {
    // Adding 0 takes the sign off a nothing that was taken away.
    figure: (value, unit) =>
      value == null ? UNKNOWN : whole[unit].format((unit === "percent" ? value / 100 : value) + 0),
    short: (value, unit) => short[unit].format(unit === "percent" ? value / 100 : value),
    growth: (ratio) => (Math.abs(ratio) < MANIFOLD ? growth : manifold).format(ratio),
    period,
    instant: (iso) => instant.format(new Date(iso)),
    told: (sentence) =>
      sentence
        .replace(/\b\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?\b/g, (label) =>
          period(label, label.length === 7 ? "short" : "long"),
        )
        .replace(/(\d) %/g, "$1%"),
  };
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const told = new Map<string, Intl.RelativeTimeFormat>();

/** `3 minutes ago`; within the first minute `just now`. */
export function ago(iso: string, now: number, language = navigator.language): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  const step = STEPS.find(([, size]) => seconds >= size);
  if (!step) return "just now";
  const [unit, size] = step;
  const words = told.get(language) ?? new Intl.RelativeTimeFormat(language);
  told.set(language, words);
  return words.format(-Math.floor(seconds / size), unit);
}

/** `4:05` of 245 seconds. */
export function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const NAMES: Record<string, string> = {
  all: "All platforms",
  shopify: "Shopify",
  amazon: "Amazon",
  woocommerce: "WooCommerce",
};

export function platformName(platform: string): string {
  return NAMES[platform] ?? platform.charAt(0).toUpperCase() + platform.slice(1);
}

/** What is said of each step of a range: its two ends, or one day. */
export function rangeText({ from, to }: { from: string; to: string }, format: Format): string {
  return from === to
    ? format.period(from)
    : `${format.period(from, "short")} – ${format.period(to, "short")} ${to.slice(0, 4)}`;
}

/** Everything one can do from the keyboard: the palette, the keys and their help are made from this list. */

import { useNavigate } from "@tanstack/react-router";
import { useToday } from "@/shared/clock";
import { PRESETS, type Preset, shifted } from "@/shared/days";
import { platformName } from "@/shared/format";
import { useLive } from "@/shared/live";
import { useSession } from "@/shared/session";
import { useChange, useOwnPlatform, useView } from "@/shared/view";
import { pagesOf } from "./pages";
import { choose, THEMES } from "./theme";

export interface Command {
  group: string;
  name: string;
  /** As the browser calls it. */
  key?: string;
  run: () => void;
}

export const COMPARISONS = { previous: "Previous period", year: "Previous year", none: "No comparison" } as const;
const THEME_NAMES = { system: "As the system", light: "Light", dark: "Dark" } as const;

export function useCommands(): Command[] {
  const { person, shop, signOut } = useSession();
  const { live, refresh } = useLive();
  const change = useChange();
  const navigate = useNavigate();
  const view = useView(shop.timezone);
  const own = useOwnPlatform();
  const today = useToday(shop.timezone);
  const choosePreset = (preset: Preset) => change({ range: preset, from: null, to: null });
  const step = (direction: -1 | 1) => change({ range: null, ...shifted(view.range, direction, today) });
  const next = { previous: "year", year: "none", none: "previous" } as const;
  return [
    ...pagesOf(person, shop).map(({ path, title }) => ({
      group: "Go to",
      name: title,
      run: () => void navigate({ to: path, search: true as never }),
    })),
    ...Object.entries(PRESETS).map(([preset, { label, key }]) => ({
      group: "Days",
      name: label,
      key,
      run: () => choosePreset(preset as Preset),
    })),
    { group: "Days", name: "The days before", key: "ArrowLeft", run: () => step(-1) },
    { group: "Days", name: "The days after", key: "ArrowRight", run: () => step(1) },
    {
      group: "Compare with",
      name: "Another comparison",
      key: "x",
      run: () => change({ compare: next[view.comparison] }),
    },
    ...Object.entries(COMPARISONS).map(([compare, name]) => ({
      group: "Compare with",
      name,
      run: () => change({ compare }),
    })),
    ...(live && live.platforms.length > 1 && !own ? live.platforms : []).map((platform) => ({
      group: "Platform",
      name: platformName(platform),
      run: () => change({ platform }),
    })),
    ...(shop.role === "admin" ? [{ group: "Figures", name: "Refresh", key: "r", run: refresh }] : []),
    ...(person.tenants.length > 1 ? person.tenants : []).map(({ slug, name }) => ({
      group: "Shop",
      name,
      run: () => change({ tenant: slug, platform: null }),
    })),
    ...THEMES.map((theme) => ({ group: "Colours", name: THEME_NAMES[theme], run: () => choose(theme) })),
    { group: "You", name: "Sign out", run: () => void signOut() },
  ];
}

export function matching(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ group, name }) => {
    const whole = `${group} ${name}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}

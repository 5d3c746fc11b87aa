import { lazy } from "react";
import { type Comparison, PRESETS } from "@/shared/days";
import { platformName, rangeText } from "@/shared/format";
import { useLive } from "@/shared/live";
import { useSession } from "@/shared/session";
import { Icon } from "@/shared/ui/icon";
import { Menu, MenuChoices, MenuTitle } from "@/shared/ui/menu";
import { Opening } from "@/shared/ui/opening";
import { type Clock, useChange, useOwnPlatform, useView } from "@/shared/view";
import { COMPARISONS } from "./commands";

const loadPicker = () => import("./range-picker");
const RangePicker = lazy(loadPicker);

const CLOCKS = { event: "On the day they happen", order: "On their order’s day" } as const;

/** The same on paper, where nothing can be chosen. */
export function LookedAt() {
  const { shop, format } = useSession();
  const { range, platform, comparison } = useView(shop.timezone);
  const own = useOwnPlatform();
  const compared =
    comparison === "none" ? "" : ` · compared with the ${comparison === "year" ? "year" : "period"} before`;
  return (
    <p className="looked-at note">
      {rangeText(range, format)} · {platformName(own ?? platform)}
      {compared}
    </p>
  );
}

/** What is looked at: platform, days, and what they are compared with. */
export function Filters() {
  const { shop, format } = useSession();
  const { live } = useLive();
  const view = useView(shop.timezone);
  const change = useChange();
  const platforms = useOwnPlatform() ? [] : (live?.platforms ?? []);
  const days = (
    <button type="button" className="button" aria-description="Choose the days">
      <Icon name="calendar" />
      {view.preset ? PRESETS[view.preset].label : rangeText(view.range, format)}
      <Icon name="down" />
    </button>
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: they belong together, and are no form to send.
    <div className="filters" role="group" aria-label="What is shown">
      {platforms.length > 1 && (
        <Menu
          button={
            <button type="button" className="button" aria-label={`Platform: ${platformName(view.platform)}`}>
              {platformName(view.platform)} <Icon name="down" />
            </button>
          }
        >
          <MenuTitle>Platform</MenuTitle>
          <MenuChoices
            value={view.platform}
            options={platforms.map((value) => ({ value, label: platformName(value) }))}
            onChange={(platform) => change({ platform })}
          />
        </Menu>
      )}
      <Opening button={days} popup="dialog" load={loadPicker}>
        <RangePicker button={days} />
      </Opening>
      <Menu
        button={
          <button type="button" className="button" aria-label={`Compared with: ${COMPARISONS[view.comparison]}`}>
            <Icon name="compare" />
            {COMPARISONS[view.comparison]} <Icon name="down" />
          </button>
        }
      >
        <MenuTitle>Compare with</MenuTitle>
        <MenuChoices<Comparison>
          value={view.comparison}
          options={(["previous", "year", "none"] as const).map((value) => ({ value, label: COMPARISONS[value] }))}
          onChange={(compare) => change({ compare })}
        />
        <MenuTitle>Returns count</MenuTitle>
        <MenuChoices<Clock>
          value={view.clock}
          options={(["event", "order"] as const).map((value) => ({ value, label: CLOCKS[value] }))}
          onChange={(clock) => change({ clock })}
        />
      </Menu>
    </div>
  );
}

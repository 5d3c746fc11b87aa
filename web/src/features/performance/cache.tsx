import { useState } from "react";
import { useRest } from "@/shared/rest";
import { call } from "@/shared/server";
import { useSession } from "@/shared/session";
import { Badge } from "@/shared/ui/badge";
import { Panel } from "@/shared/ui/panel";
import { Window } from "@/shared/ui/window";
import { bytes, type Cache, tierName } from "./measures";

const SHARED = { up: "reached", away: "cannot be reached", none: "none is set up" } as const;

/** Where the answers of this shop were found. */
export function CachePanel() {
  const { shop, format } = useSession();
  const cache = useRest<{ data: Cache }>("/api/performance/cache");
  const [clearing, setClearing] = useState(false);
  return (
    <>
      <Panel
        title="Cache"
        of={cache}
        className="half"
        height={280}
        empty={({ data }) => (data.requests ? null : "No answer has been asked for since the server began")}
        note={
          cache.data &&
          `${cache.data.data.memoryEntries} answers of ${bytes(cache.data.data.memoryBytes)} in memory, of ` +
            `${bytes(cache.data.data.memoryLimitBytes)} at most. Shared cache: ${SHARED[cache.data.data.shared]}.`
        }
        controls={
          <button type="button" className="button small" onClick={() => setClearing(true)}>
            Clear
          </button>
        }
      >
        {({ data }) => (
          <div className="tiers">
            <p>
              <b className="figure">{format.figure(data.hitRatio === null ? null : data.hitRatio * 100, "percent")}</b>{" "}
              <span className="note">
                of {format.figure(data.requests, "count")} {data.requests === 1 ? "answer was" : "answers were"} there
                already
              </span>
            </p>
            <ul>
              {data.tiers.map(({ tier, result, count, share }) => (
                <li key={`${tier} ${result}`}>
                  <span>
                    {tierName(tier)} {result === "stale" && <Badge mood="warn">old, renewed meanwhile</Badge>}
                    {result === "miss" && <Badge>when asked for</Badge>}
                  </span>
                  <b>{format.figure(count, "count")}</b>
                  <svg width="100%" height="8" aria-hidden="true">
                    <rect width="100%" height="8" rx="4" fill="var(--raised)" />
                    <rect
                      width={`${share * 100}%`}
                      height="8"
                      rx="4"
                      fill={`var(--series-${result === "miss" ? 2 : 1})`}
                    />
                  </svg>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Panel>
      {clearing && (
        <Window
          title="Clear the cache?"
          action="Clear it"
          onClose={() => setClearing(false)}
          act={async () => {
            await call("POST", "/api/performance/cache/clear", { tenant: shop.slug, json: {} });
            cache.again();
            setClearing(false);
          }}
        >
          <p>
            Every answer of {shop.name} is worked out anew when it is next asked for. Figures are never wrong for being
            in the cache: this costs time, and is good for finding that out.
          </p>
        </Window>
      )}
    </>
  );
}

import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useLive } from "@/shared/live";
import { useSession } from "@/shared/session";
import { type Imported, spoken } from "./plan";

/** What became of each record; the figures that count them come by themselves, and the overview with them. */
export function Done({ imported }: { imported: Imported }) {
  const { format } = useSession();
  const { live, run, follow } = useLive();
  const navigate = useNavigate();
  const { runId } = imported;
  const before = useRef(live?.version);
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: followed once, when it has begun.
  useEffect(() => {
    heading.current?.focus();
    if (runId) follow(runId);
  }, [runId]);
  const counted = live !== null && live.version !== before.current;
  useEffect(() => {
    if (counted) void navigate({ to: "/", search: true as never });
  }, [counted, navigate]);
  return (
    <section className="card panel" aria-label="Imported">
      <header>
        <h2 ref={heading} tabIndex={-1}>
          Imported
        </h2>
      </header>
      <div className="content stacked">
        <dl className="facts">
          {Object.entries(imported.records).map(([kind, { new: added, changed, unchanged }]) => (
            <div key={kind}>
              <dt>{spoken(kind)}</dt>
              <dd>{format.figure(added, "count")} new</dd>
              <dd className="note">
                {format.figure(changed, "count")} changed, {format.figure(unchanged, "count")} as they were
              </dd>
            </div>
          ))}
        </dl>
        <p role="status" className="note">
          {!runId && "Nothing has changed, so every figure stands."}
          {runId &&
            run?.state === "failed" &&
            "What came in is stored; its figures could not be computed. Refresh again."}
          {runId &&
            run?.state !== "failed" &&
            "The figures are being computed; the overview opens when they are there."}
        </p>
        <p>
          <Link to="/" search={true as never} className="button">
            Go to the overview
          </Link>
        </p>
      </div>
    </section>
  );
}

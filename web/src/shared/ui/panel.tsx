import type { ReactNode } from "react";
import type { Rest } from "../rest";
import { Failure, Skeleton, State } from "./state";
import "./panel.css";

interface Props<Data> {
  title: string;
  /** The answer it shows. */
  of: Rest<Data>;
  height?: number;
  /** What is said in its place where there is nothing to show; nothing where there is. */
  empty?: (data: Data) => ReactNode;
  controls?: ReactNode;
  note?: ReactNode;
  className?: string;
  children: (data: Data) => ReactNode;
}

/** What the server says of something that is no figure: loading, empty, failed, or here. */
export function Panel<Data>(props: Props<Data>) {
  const { title, of, height = 160, empty, controls, note, className = "", children } = props;
  const { data, problem, again } = of;
  const nothing = data === undefined ? undefined : empty?.(data);
  return (
    <section className={`card panel ${className}`} aria-label={title} aria-busy={data === undefined && !problem}>
      <header>
        <h2>{title}</h2>
        {data !== undefined && controls}
      </header>
      <div className="content">
        {data === undefined ? (
          problem ? (
            <Failure problem={problem} title="This cannot be shown" again={again} />
          ) : (
            <Skeleton height={height} />
          )
        ) : nothing ? (
          typeof nothing === "string" ? (
            <State title={nothing} />
          ) : (
            nothing
          )
        ) : (
          children(data)
        )}
      </div>
      {data !== undefined && (problem || note) && (
        <footer>
          {problem && (
            <span role="alert" className="caution">
              This could not be brought up to date: {problem.message}
            </span>
          )}
          {note && <span>{note}</span>}
        </footer>
      )}
    </section>
  );
}

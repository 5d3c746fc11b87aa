import type { ReactNode } from "react";
import type { Problem } from "../server";

/** What stands where figures would: why there are none, and one thing to do about it. */
export function State({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <strong>{title}</strong>
      {children}
      {action}
    </div>
  );
}

interface FailureProps {
  problem: Problem;
  brief?: boolean;
  title?: string;
  again?: () => void;
}

export function Failure({ problem, brief = false, title = "These figures cannot be shown", again }: FailureProps) {
  if (brief) return <p className="note">Cannot be shown. {problem.message}</p>;
  return (
    <div role="alert">
      <State
        title={title}
        action={
          again && (
            <button type="button" className="button small" onClick={again}>
              Try again
            </button>
          )
        }
      >
        <p>{problem.message}</p>
      </State>
    </div>
  );
}

/** As large as what will stand here, so that nothing jumps; after ten seconds it says that it takes long. */
export function Skeleton({ height }: { height: number }) {
  return (
    <div className="waiting">
      <svg className="skeleton" width="100%" height={height} aria-hidden="true" />
      <p className="note">Still on its way…</p>
    </div>
  );
}

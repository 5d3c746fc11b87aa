import { useClock } from "../clock";
import { ago } from "../format";
import { useSession } from "../session";

/** How long ago something was, growing by itself; the exact time in its title. */
export function Age({ at, before = "" }: { at: string; before?: string }) {
  const { format } = useSession();
  const told = useClock((now) => ago(at, now));
  return (
    <time dateTime={at} title={format.instant(at)}>
      {before}
      {told}
    </time>
  );
}

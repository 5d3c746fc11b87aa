import { useClock } from "../clock";
import { ahead } from "../duration";
import { useSession } from "../session";

/** How long it is until something comes, shrinking by itself; the exact time in its title. */
export function Ahead({ at }: { at: string }) {
  const { format } = useSession();
  const told = useClock((now) => ahead(at, now));
  return (
    <time dateTime={at} title={format.instant(at)}>
      {told}
    </time>
  );
}

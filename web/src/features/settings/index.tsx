import { useSession } from "@/shared/session";
import { Audit } from "./audit";
import { Keys } from "./keys";
import { People } from "./people";
import { Rates } from "./rates";
import { Shop, You } from "./shop";
import { Sources } from "./sources";
import "./settings.css";

/** Who and what a shop is made of. Whoever is no admin finds what is theirs: the shop as it is, and themselves. */
export default function Settings() {
  const { shop } = useSession();
  const admin = shop.role === "admin";
  return (
    <div className="panels settings">
      <Shop />
      {admin && (
        <>
          <People />
          <Keys />
          <Sources />
        </>
      )}
      <You />
      {admin && (
        <>
          <Rates />
          <Audit />
        </>
      )}
    </div>
  );
}

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { lookedAt } from "../view";

interface Props {
  platform: string;
  productId: string;
  children: ReactNode;
}

/** To the page of one product, with the days and the comparison that are looked at. */
export function ProductLink({ platform, productId, children }: Props) {
  return (
    <Link
      to={"/products/$platform/$product" as never}
      params={{ platform, product: productId } as never}
      search={lookedAt as never}
      dir="auto"
      className="called"
    >
      {children}
    </Link>
  );
}

/** The pages there are: the one list that routes, navigation and the palette are made from. */

import type { ComponentType } from "react";
import type { Shop } from "@/shared/format";
import type { Person } from "@/shared/session";
import type { IconName } from "@/shared/ui/icon";

export interface PageDefinition {
  path: string;
  title: string;
  icon: IconName;
  /** Only these roles see it; everybody where it is left out. */
  roles?: readonly ("admin" | "analyst" | "viewer")[];
  /** Without figures of days: no range, comparison or platform to choose. */
  plain?: boolean;
  /** The pages of single things below it, by the rest of their paths. */
  below?: Readonly<Record<string, () => Promise<{ default: ComponentType }>>>;
  /** Only for who has several shops. */
  several?: boolean;
  /** Loaded when it is first opened; its default export draws it. */
  load: () => Promise<{ default: ComponentType }>;
}

export const PAGES: readonly PageDefinition[] = [
  { path: "/", title: "Overview", icon: "overview", load: () => import("@/features/overview") },
  { path: "/sales", title: "Sales", icon: "sales", load: () => import("@/features/sales") },
  {
    path: "/products",
    title: "Products",
    icon: "products",
    load: () => import("@/features/products"),
    below: { "/$platform/$product": () => import("@/features/products/product") },
  },
  { path: "/customers", title: "Customers", icon: "customers", load: () => import("@/features/customers") },
  {
    path: "/profitability",
    title: "Profitability",
    icon: "profitability",
    load: () => import("@/features/profitability"),
  },
  { path: "/inventory", title: "Inventory", icon: "inventory", load: () => import("@/features/inventory") },
  { path: "/activity", title: "Activity", icon: "activity", load: () => import("@/features/activity") },
  {
    path: "/clients",
    title: "Clients",
    icon: "clients",
    several: true,
    plain: true,
    load: () => import("@/features/clients"),
  },
  {
    path: "/freshness",
    title: "Freshness",
    icon: "fresh",
    roles: ["admin"],
    plain: true,
    load: () => import("@/features/freshness"),
  },
  { path: "/jobs", title: "Jobs", icon: "jobs", plain: true, load: () => import("@/features/jobs") },
  {
    path: "/performance",
    title: "Performance",
    icon: "gauge",
    roles: ["admin"],
    plain: true,
    load: () => import("@/features/performance"),
  },
  {
    path: "/import",
    title: "Import",
    icon: "bring",
    roles: ["admin"],
    plain: true,
    load: () => import("@/features/import"),
  },
  { path: "/settings", title: "Settings", icon: "settings", plain: true, load: () => import("@/features/settings") },
];

/** Those that this person finds in this shop. */
export function pagesOf({ tenants }: Person, { role }: Shop): PageDefinition[] {
  return PAGES.filter(({ roles, several }) => (!roles || roles.includes(role)) && (!several || tenants.length > 1));
}

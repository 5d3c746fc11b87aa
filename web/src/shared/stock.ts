/** What the stock analysis tells of a product. */

export interface Sku {
  productId: string;
  platform: string;
  sku: string | null;
  name: string;
  class: "A" | "B" | "C";
  onHand: number | null;
  reserved: number | null;
  available: number | null;
  incoming: number | null;
  stockValue: number | null;
  grossSales: number;
  unitsSold: number;
  velocity: number;
  daysOfInventory: number | null;
  sellThrough: number | null;
  percentSold: number | null;
  demand: "none" | "steady" | "intermittent";
  state: "unknown" | "out" | "dead" | "reorder" | "well";
  safetyStock: number | null;
  reorderPoint: number | null;
  stockoutRisk: number | null;
}

export const STATES: Record<Sku["state"], string> = {
  out: "Out of stock",
  reorder: "Order now",
  dead: "Does not sell",
  well: "Enough",
  unknown: "Unknown",
};

/** As many products as one answer holds. */
export const MOST_SKUS = 1000;

/** How long an order for more takes, until somebody says otherwise. */
export const LEAD_DAYS = 14;

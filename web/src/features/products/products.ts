/** From the rows of the margin analysis to what the page tells of products. Pure. */

/** A product with its sales, as the margin analysis gives it. */
export interface Row {
  groupId: string | null;
  platform: string;
  name: string | null;
  units: number;
  grossSales: number;
  discounts: number;
  returns: number;
  netSales: number;
  costedSales: number;
  cost: number;
  costCoverage: number | null;
  profit: number | null;
  margin: number | null;
}

/** With shares that follow from its figures; unknown where there is nothing to share. */
export interface Product extends Row {
  name: string;
  /** Of the net sales of all products told of. */
  share: number | null;
  /** Returns in percent of sales less discounts. */
  returnRate: number | null;
  averagePrice: number | null;
}

export const NAMELESS = "Sold without naming a product";

export function productsOf(rows: readonly Row[]): Product[] {
  const whole = rows.reduce((sum, { netSales }) => sum + netSales, 0);
  return rows.map((row) => ({
    ...row,
    name: row.name ?? row.groupId ?? NAMELESS,
    share: percent(row.netSales, whole),
    returnRate: percent(row.returns, row.grossSales - row.discounts),
    averagePrice: row.units > 0 ? row.grossSales / row.units : null,
  }));
}

function percent(part: number, whole: number): number | null {
  return whole > 0 ? (part / whole) * 100 : null;
}

export const KINDS = { all: "All", loss: "At a loss", returned: "Much returned", uncosted: "No cost" } as const;
export type Kind = keyof typeof KINDS;

/** Returns of a tenth of what was sold are much. */
export const MUCH = 10;

export function ofKind(products: readonly Product[], kind: Kind): Product[] {
  const asked: Record<Kind, (product: Product) => boolean> = {
    all: () => true,
    loss: ({ profit }) => profit !== null && profit < 0,
    returned: ({ returnRate }) => returnRate !== null && returnRate >= MUCH,
    uncosted: ({ costCoverage, units }) => units > 0 && (costCoverage ?? 0) === 0,
  };
  return products.filter(asked[kind]);
}

/** The fewest products that bring so many percent of all net sales; unknown where nothing was sold. */
export function fewestFor(products: readonly Product[], share: number): number | null {
  const sales = products.map(({ netSales }) => netSales).sort((one, other) => other - one);
  const sold = sales.filter((value) => value > 0);
  const enough = (sales.reduce((sum, value) => sum + value, 0) * share) / 100;
  if (enough <= 0) return null;
  let sum = 0;
  const last = sold.findIndex((value) => {
    sum += value;
    return sum >= enough;
  });
  return last < 0 ? sold.length : last + 1;
}

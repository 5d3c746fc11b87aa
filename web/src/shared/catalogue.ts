/** What metrics are called: each is named once, where it is defined. */

import { type Rest, useRest } from "./rest";

export interface Catalogue {
  metrics: { name: string; title: string; description: string; shape: string; columns: CatalogueColumn[] }[];
}

export interface CatalogueColumn {
  name: string;
  kind: string;
  unit: string | null;
}

export function useCatalogue(): Rest<Catalogue> {
  return useRest<Catalogue>("/api/metrics");
}

/** `sku_analysis` as `SKU analysis`; until the catalogue is there, in words of its name. */
export function titleOf(metric: string, catalogue: Catalogue | undefined): string {
  const title = catalogue?.metrics.find(({ name }) => name === metric)?.title;
  const words = metric.replaceAll("_", " ");
  return title ?? words.charAt(0).toUpperCase() + words.slice(1);
}

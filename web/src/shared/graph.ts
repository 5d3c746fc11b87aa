/** Figures over GraphQL: one client for each shop, so that nothing of one is ever shown in another. */

import { ApolloClient, ApolloLink, InMemoryCache, type OperationVariables } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { useQuery } from "@apollo/client/react";
import { initGraphQLTada, type TadaDocumentNode } from "gql.tada";
import { type DocumentNode, print } from "graphql";
import { useState } from "react";
import { Observable, tap } from "rxjs";
import type { introspection } from "./schema";
import { call, Problem } from "./server";
import { useSession } from "./session";

/** Writes a query whose answer and variables are typed by the schema. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { DateTime: string; Decimal: number; ID: string };
}>();

/** What is said of the answer to each field: of which snapshot it is, how old, and what to be careful about. */
export interface Freshness {
  metric: string;
  platform: string;
  /** The question as the server understood it. */
  params: Record<string, string | number | boolean | null>;
  computedAt: string;
  checkedAt: string;
  dataThrough: string | null;
  version: number;
  stale: boolean;
  warnings: { code: string; message: string }[];
}

/** By shop and question: the age of each field of the answer, which comes beside its data. */
const ages = new Map<string, Record<string, Freshness>>();

const clients = new Map<string, ApolloClient>();

export function clientOf(tenant: string): ApolloClient {
  const known = clients.get(tenant);
  if (known) return known;
  const link = ApolloLink.from([noting(tenant), together, transport(tenant)]);
  const client = new ApolloClient({ link, cache: new InMemoryCache(), assumeImmutableResults: true });
  clients.set(tenant, client);
  return client;
}

/** Forgets all figures: whoever signs in next may be somebody else. */
export function forget(): void {
  for (const client of clients.values()) client.stop();
  clients.clear();
  ages.clear();
}

function asked(tenant: string, name: string | undefined, variables: OperationVariables): string {
  return JSON.stringify([tenant, name, variables]);
}

function noting(tenant: string): ApolloLink {
  return new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      tap(({ extensions }) => {
        const answers = extensions?.answers as Record<string, Freshness> | undefined;
        if (answers) ages.set(asked(tenant, operation.operationName, operation.variables), answers);
      }),
    ),
  );
}

function transport(tenant: string): ApolloLink {
  return new ApolloLink(
    ({ query, variables }) =>
      new Observable((observer) => {
        const aborting = new AbortController();
        const json = { query: print(query), variables };
        call<ApolloLink.Result>("POST", "/graphql", { tenant, json, signal: aborting.signal }).then(
          (answer) => {
            observer.next(answer);
            observer.complete();
          },
          (error) => aborting.signal.aborted || observer.error(error),
        );
        return () => aborting.abort();
      }),
  );
}

let swapping = false;
let underWay = 0;
let held: (() => void)[] = [];

/** While figures of a new version come in, answers wait for each other, and the page changes once. */
const together = new ApolloLink(
  (operation, forward) =>
    new Observable((observer) => {
      if (!swapping) return forward(operation).subscribe(observer);
      underWay += 1;
      let open = true;
      // Whoever has left holds up nobody.
      const arrive = (show = () => {}) => {
        if (!open) return;
        open = false;
        held.push(show);
        underWay -= 1;
        if (underWay > 0) return;
        const all = held;
        held = [];
        for (const one of all) one();
      };
      const asking = forward(operation).subscribe({
        next: (answer) =>
          arrive(() => {
            observer.next(answer);
            observer.complete();
          }),
        error: (error) => arrive(() => observer.error(error)),
      });
      return () => {
        asking.unsubscribe();
        arrive();
      };
    }),
);

/** Asks again for everything on the page. */
export async function swap(tenant: string): Promise<void> {
  swapping = true;
  try {
    await clientOf(tenant).refetchQueries({ include: "active" });
  } catch {
    // Each card tells of its own failure.
  } finally {
    swapping = false;
  }
}

export interface Figures<Data> {
  /** What to show: the latest answer, or the one before while the next is on its way. */
  data: Data | undefined;
  /** The next answer is on its way, to another question than that of `data`. */
  pending: boolean;
  /** How old the answer to a field is, by its name in the query; undefined until it is there. */
  freshOf: (field: string) => Freshness | undefined;
  /** Why a field has no answer. */
  problemOf: (field: string) => Problem | undefined;
  again: () => void;
}

/** The figures of a page: one query for all of them, so that they are of one version. */
export function useFigures<Data, Variables extends OperationVariables>(
  query: TadaDocumentNode<Data, Variables>,
  variables: Variables,
): Figures<Data> {
  const { data, previousData, error, loading, refetch } = useQuery(query, {
    variables: variables as never,
    errorPolicy: "all",
    fetchPolicy: "cache-and-network",
    nextFetchPolicy: "cache-first",
    notifyOnNetworkStatusChange: true,
  });
  const { shop } = useSession();
  const key = asked(shop.slug, nameOf(query), variables);
  const [shown, setShown] = useState(key);
  if (data !== undefined && shown !== key) setShown(key);
  return {
    data: (data ?? previousData) as Data | undefined,
    pending: loading && data === undefined,
    freshOf: (field) => ages.get(data === undefined ? shown : key)?.[field],
    problemOf: (field) => problemOf(error, field),
    again: () => void refetch().catch(() => undefined),
  };
}

function nameOf(query: DocumentNode): string | undefined {
  return query.definitions.find((one) => one.kind === "OperationDefinition")?.name?.value;
}

function problemOf(error: unknown, field: string): Problem | undefined {
  if (!error) return undefined;
  if (!CombinedGraphQLErrors.is(error)) return error instanceof Problem ? error : new Problem(500, String(error));
  const told = error.errors.find(({ path }) => !path || path[0] === field);
  return told && new Problem(200, told.message, String(told.extensions?.code ?? "unexpected"));
}

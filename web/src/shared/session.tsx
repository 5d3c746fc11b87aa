/** Who is signed in, and which of their shops is looked at. */

import { createContext, useContext } from "react";
import { type Format, formats, type Shop } from "./format";

export interface Person {
  user: { id: number; email: string };
  tenants: Shop[];
}

export interface Session {
  person: Person;
  shop: Shop;
  format: Format;
  signOut: () => Promise<void>;
}

const Context = createContext<Session | null>(null);

export const SessionProvider = Context.Provider;

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("There is no session here.");
  return session;
}

/** The shop an address names, or the first. */
export function shopOf(person: Person, slug: string | undefined): Shop | undefined {
  return person.tenants.find((shop) => shop.slug === slug) ?? person.tenants[0];
}

const known = new Map<string, Format>();

export function formatOf(shop: Shop): Format {
  const key = `${shop.currency} ${shop.timezone}`;
  const format = known.get(key) ?? formats(shop);
  known.set(key, format);
  return format;
}

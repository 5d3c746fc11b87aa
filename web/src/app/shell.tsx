import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useLive } from "@/shared/live";
import { useSession } from "@/shared/session";
import { Brand } from "@/shared/ui/brand";
import { Icon } from "@/shared/ui/icon";
import { Menu, MenuChoices, MenuItem, MenuTitle } from "@/shared/ui/menu";
import { Skeleton, State } from "@/shared/ui/state";
import { useChange } from "@/shared/view";
import { Filters, LookedAt } from "./filters";
import { Keys, openPalette } from "./keys";
import { isEmpty, NothingYet } from "./nothing-yet";
import { PAGES, type PageDefinition, pagesOf } from "./pages";
import { RefreshButton, Steps } from "./refresh-button";
import { StatusBar } from "./status-bar";
import { choose, THEMES, useTheme } from "./theme";

const ROLES = { admin: "an admin", analyst: "an analyst", viewer: "a viewer" } as const;

/** Around every page: where one is, whose figures these are, how old, and the way elsewhere. */
export function Shell({ children }: { children: ReactNode }) {
  const { person, shop } = useSession();
  const { live, problem } = useLive();
  const { pathname } = useLocation();
  const page =
    PAGES.find(({ path }) => path === pathname) ??
    PAGES.find(({ path }) => path !== "/" && pathname.startsWith(`${path}/`));
  const title = page?.title ?? "Tallymark";
  useEffect(() => {
    document.title = `${title} · ${shop.name} · Tallymark`;
  }, [title, shop.name]);
  return (
    <div className="shell">
      <a className="skip button" href="#main">
        Skip to the figures
      </a>
      <aside className="side">
        <Link to="/" search className="home">
          <Brand />
        </Link>
        <ShopSwitch />
        <Navigation />
        <You />
      </aside>
      <div className="stage">
        <header className="top">
          <div className="title">
            <h1>{title}</h1>
            <p className="note" title={page?.several ? undefined : shop.name}>
              {page?.several ? `${person.tenants.length} shops` : `${shop.name} · ${shop.timezone} · ${shop.currency}`}
            </p>
            {page && !page.plain && <LookedAt />}
          </div>
          {page && !page.plain && <Filters />}
          {!page?.several && <RefreshButton />}
        </header>
        <Steps />
        <StatusBar />
        <main id="main" tabIndex={-1}>
          {page?.roles && !page.roles.includes(shop.role) ? (
            <State
              title="This page is for admins of the shop"
              action={
                <Link to="/" search={true as never} className="button">
                  Go to the overview
                </Link>
              }
            >
              <p>You are {ROLES[shop.role]} here. An admin can give you another role in the settings.</p>
            </State>
          ) : live === null ? (
            !problem && <Skeleton height={320} />
          ) : needsFigures(page) && (live.version === 0 || isEmpty(live)) ? (
            <NothingYet live={live} />
          ) : (
            children
          )}
        </main>
        {!page?.several && <Foot />}
      </div>
      <Keys />
    </div>
  );
}

function needsFigures(page: PageDefinition | undefined): boolean {
  return page !== undefined && !page.plain;
}

function Foot() {
  const { shop, format } = useSession();
  const { live } = useLive();
  if (!live?.publishedAt) return null;
  return (
    <footer className="foot">
      Version {live.version}, computed {format.instant(live.publishedAt)} ({shop.timezone}).
      {live.dataThrough && ` Data through ${format.instant(live.dataThrough)}.`} Amounts in {shop.currency}.
    </footer>
  );
}

function ShopSwitch() {
  const { person, shop } = useSession();
  const change = useChange();
  if (person.tenants.length < 2)
    return (
      <p className="shop-name">
        <Icon name="shop" /> {shop.name}
      </p>
    );
  return (
    <Menu
      align="start"
      button={
        <button type="button" className="shop-name button" aria-label={`Shop: ${shop.name}`}>
          <Icon name="shop" /> <span>{shop.name}</span> <Icon name="down" />
        </button>
      }
    >
      <MenuTitle>Your shops</MenuTitle>
      <MenuChoices
        value={shop.slug}
        options={person.tenants.map(({ slug, name, currency }) => ({
          value: slug,
          label: name,
          note: <span className="note">{currency}</span>,
        }))}
        onChange={(slug) => change({ tenant: slug, platform: null })}
      />
    </Menu>
  );
}

function Navigation() {
  const { person, shop } = useSession();
  const { pathname } = useLocation();
  const bar = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone, the page one is on moves into the bar.
  useEffect(() => {
    bar.current?.querySelector(".active")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <nav aria-label="Pages" ref={bar}>
      {pagesOf(person, shop).map(({ path, title, icon }) => (
        <Link
          key={path}
          to={path}
          search={true as never}
          className="choice"
          activeOptions={{ exact: path === "/", includeSearch: false }}
        >
          <Icon name={icon} />
          {title}
        </Link>
      ))}
    </nav>
  );
}

function You() {
  const { person, signOut } = useSession();
  const theme = useTheme();
  return (
    <div className="you">
      <button type="button" className="button bare find" onClick={openPalette}>
        <Icon name="search" /> <span>Find anything</span> <kbd>Ctrl K</kbd>
      </button>
      <Menu
        align="start"
        button={
          <button type="button" className="button bare account" aria-label={`You: ${person.user.email}`}>
            <Icon name="person" /> <span>{person.user.email}</span>
          </button>
        }
      >
        <MenuTitle>Colours</MenuTitle>
        <MenuChoices
          value={theme}
          options={THEMES.map((value) => ({
            value,
            label: { system: "As the system", light: "Light", dark: "Dark" }[value],
          }))}
          onChange={choose}
        />
        <MenuTitle>{person.user.email}</MenuTitle>
        <MenuItem onSelect={() => void signOut()}>Sign out</MenuItem>
      </Menu>
    </div>
  );
}

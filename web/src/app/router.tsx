import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent } from "@tanstack/react-router";
import { State } from "@/shared/ui/state";
import { parseSearch, type Search, stringifySearch } from "@/shared/view";
import { PAGES } from "./pages";
import { Root } from "./root";

const root = createRootRoute({
  component: Root,
  validateSearch: (search): Search => search as Search,
  notFoundComponent: () => (
    <State title="There is no such page" action={<Link to="/">Go to the overview</Link>}>
      <p>The address may have been mistyped.</p>
    </State>
  ),
});

const pages = PAGES.flatMap(({ path, load, below = {} }) =>
  Object.entries({ "": load, ...below }).map(([rest, draw]) =>
    createRoute({ getParentRoute: () => root, path: `${path}${rest}`, component: lazyRouteComponent(draw) }),
  ),
);

export const router = createRouter({
  routeTree: root.addChildren(pages),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
});

import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  lazyRouteComponent,
} from "@tanstack/react-router";
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

/** What a page could not be drawn for: nothing is lost by drawing it anew. */
function Broken({ error }: ErrorComponentProps) {
  return (
    <State
      title="This page could not be drawn"
      action={
        <button type="button" className="button" onClick={() => location.reload()}>
          Load it again
        </button>
      }
    >
      <p>The figures are safe on the server. If it happens again, tell whoever runs it: {String(error)}</p>
    </State>
  );
}

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
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

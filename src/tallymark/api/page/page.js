// The dashboard: who is here, which shop and platform (both in the address), and the figures with their age.

import { showFigures, showLive } from "./figures.js";
import { formats } from "./format.js";
import { refreshButton } from "./refresh.js";
import { call } from "./server.js";

const by = (id) => document.getElementById(id);
const VIEWS = ["sign-in", "refused", "broken", "shop"];
const NAMES = { all: "All", shopify: "Shopify", amazon: "Amazon" };
const POLL = 60_000;

const page = { me: null, tenant: null, format: null, analytics: null, late: null };
const view = () => new URLSearchParams(location.search);
const platform = () => view().get("platform") ?? "all";
const button = refreshButton({ onDone: load, onFailed: refreshFailed });

function show(name) {
  for (const id of VIEWS) by(id).hidden = id !== name;
  by("who").hidden = name === "sign-in";
}

async function start() {
  try {
    page.me = await call("GET", "/api/auth/me");
  } catch (problem) {
    return problem.status === 401 ? signIn() : broken(problem);
  }
  enter();
}

function enter() {
  const { user, tenants } = page.me;
  by("email").textContent = user.email;
  by("tenant").replaceChildren(...tenants.map((shop) => new Option(shop.name, shop.slug)));
  by("tenant").hidden = tenants.length < 2;
  look();
}

// Shows what the address says: after entering, after a choice, and after the browser's back button.
function look() {
  if (!page.me) return;
  const slug = view().get("tenant");
  page.tenant = page.me.tenants.find((shop) => shop.slug === slug) ?? page.me.tenants[0];
  if (!page.tenant) return show("refused");
  by("tenant").value = page.tenant.slug;
  by("shop-name").textContent = page.tenant.name;
  document.title = `${page.tenant.name} · Tallymark`;
  page.format = formats(page.tenant);
  page.analytics = null;
  by("shop").classList.add("loading");
  by("figures").setAttribute("aria-busy", "true");
  banner(null);
  button.show({ tenant: page.tenant.slug, platform: platform(), stale: false });
  show("shop");
  load();
}

async function load() {
  const [tenant, wanted] = [page.tenant.slug, platform()];
  const current = () => tenant === page.tenant?.slug && wanted === platform();
  try {
    const answer = await call("GET", `/api/admin/dashboard?platform=${encodeURIComponent(wanted)}`, { tenant });
    if (current()) await draw(answer.data);
  } catch (problem) {
    if (current()) loadFailed(problem);
  }
}

async function draw({ liveData: live, analyticsData: analytics }) {
  page.analytics = analytics;
  page.late = null;
  showPlatforms(analytics.platforms);
  showLive(live, page.format);
  const empty = analytics.version === 0;
  by("figures").hidden = empty;
  if (empty) showEmpty(live);
  by("empty").hidden = !empty;
  if (!empty) showFigures(analytics, page.format);
  by("shop").classList.remove("loading");
  by("figures").removeAttribute("aria-busy");
  by("foot").textContent = empty ? "" : `Version ${analytics.version}, computed ${page.format.instant(analytics.lastRefreshed)} (${page.tenant.timezone}). Amounts in ${page.tenant.currency}.`;
  banner(null);
  showAge();
  if (analytics.runningRun && !button.busy()) button.follow(analytics.runningRun);
}

function showEmpty(live) {
  const nothing = !live.totalOrders && !live.totalProducts && !live.totalExpenses;
  by("empty-title").textContent = nothing ? "Nothing has come in yet" : "The figures have not been computed yet";
  by("empty-reason").textContent = nothing
    ? "Bring in this shop's orders, products and expenses, then press Refresh. Files with the columns of the import guide load as they are:"
    : "The data is here: press Refresh to compute the figures for the first time.";
  by("empty-command").hidden = !nothing;
  by("empty-command").textContent = `tallymark import orders.csv order_items.csv products.csv expenses.csv --tenant ${page.tenant.slug}`;
}

function showPlatforms(names) {
  const chosen = platform();
  const switches = names.map((name) => {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "platform", value: name, checked: name === chosen });
    input.addEventListener("change", () => go({ platform: name === "all" ? null : name }));
    label.append(input, NAMES[name] ?? name[0].toUpperCase() + name.slice(1));
    return label;
  });
  const shown = [...by("platforms").querySelectorAll("input")];
  by("platforms").hidden = names.length < 2;
  if (shown.map((input) => input.value).join() !== names.join()) by("platforms").replaceChildren(by("platforms").firstElementChild, ...switches);
  else shown.forEach((input) => (input.checked = input.value === chosen));
}

function go(changes) {
  const next = view();
  for (const [name, value] of Object.entries(changes)) value === null ? next.delete(name) : next.set(name, value);
  history.pushState(null, "", next.size ? `?${next}` : location.pathname);
  look();
}

function showAge() {
  const { analytics, format } = page;
  if (!analytics) return;
  const fresh = analytics.checkedAt ?? analytics.lastRefreshed;
  by("updated").textContent = fresh ? `Updated ${format.ago(fresh)}` : "Never refreshed";
  by("updated").title = fresh ? format.instant(fresh) : "";
  by("through").textContent = analytics.dataThrough ? `Data through ${format.instant(analytics.dataThrough)}` : "";
  button.show({ tenant: page.tenant.slug, platform: platform(), stale: analytics.isStale });
  if (page.late) banner("failed", `${page.late} The figures below are the last good ones${fresh ? `, from ${format.ago(fresh)}` : ""}.`);
  else if (analytics.isStale && fresh) banner("stale", `These figures are from ${format.ago(fresh)}. Refresh to bring them up to date.`);
}

function banner(kind, text) {
  by("banner").hidden = !kind;
  by("banner").dataset.kind = kind ?? "";
  if (kind && by("banner").textContent !== text) by("banner").textContent = text;
}

function refreshFailed(problem) {
  if (problem.status === 401) return signIn();
  if (!page.analytics) return;
  const reason = problem.message.replace(/\.?$/, ".");
  page.late = reason.startsWith("The refresh") ? reason : `The refresh failed: ${reason}`;
  showAge();
  if (page.analytics.version === 0) banner("failed", page.late);
}

function loadFailed(problem) {
  if (problem.status === 401) return signIn();
  if (problem.status === 403) return show("refused");
  if (problem.status === 400 && platform() !== "all") return go({ platform: null });
  if (!page.analytics) return broken(problem);
  page.late = problem.message;
  showAge();
}

function broken(problem) {
  by("broken-reason").textContent = problem.message;
  show("broken");
}

function signIn() {
  page.me = null;
  show("sign-in");
  by("sign-in-email").focus();
}

// Asks only for the state of things; nothing is computed because somebody looks.
async function poll() {
  if (document.hidden || by("shop").hidden || !page.analytics || button.busy()) return;
  try {
    const { data } = await call("GET", `/api/admin/analytics/status?platform=${encodeURIComponent(platform())}`, { tenant: page.tenant.slug });
    if (data.version !== page.analytics.version) return load();
    Object.assign(page.analytics, { isStale: data.isStale, checkedAt: data.checkedAt });
    page.late = null;
    banner(null);
    showAge();
    if (data.runningRun) button.follow(data.runningRun);
  } catch (problem) {
    loadFailed(problem);
  }
}

by("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const submit = form.querySelector("button");
  submit.disabled = true;
  by("sign-in-wrong").textContent = "";
  try {
    await call("POST", "/api/auth/login", { json: { email: form.email.value, password: form.password.value } });
    form.reset();
    await start();
    by("main").focus({ preventScroll: true });
  } catch (problem) {
    by("sign-in-wrong").textContent = problem.message;
    form.password.select();
  } finally {
    submit.disabled = false;
  }
});
by("sign-out").addEventListener("click", async () => {
  await call("POST", "/api/auth/logout").catch(() => {});
  signIn();
});
by("tenant").addEventListener("change", (event) => go({ tenant: event.target.value, platform: null }));
by("try-again").addEventListener("click", () => start());
addEventListener("popstate", look);
document.addEventListener("visibilitychange", poll);
setInterval(poll, POLL);
setInterval(showAge, 10_000);
start();

// Puts figures on the page. Nothing here asks the server anything; every number swaps in one go.

import { draw } from "./chart.js";

const by = (id) => document.getElementById(id);
const FAILED = { net_revenue: "money-title", monthly_trends: "trend-title", monthly_analytics: "trend-title",
  expense_breakdown: "spending-title", top_products: "selling-title" };

export function showLive(live, format) {
  by("products").textContent = format.count(live.totalProducts);
  by("orders").textContent = format.count(live.totalOrders);
  by("expenses").textContent = format.count(live.totalExpenses);
  by("counted").textContent = `Counted at ${format.clock(live.lastUpdated)}`;
}

export function showFigures(analytics, format) {
  const money = analytics.netRevenue ?? {};
  by("revenue").textContent = format.money(money.totalRevenue);
  by("spent").textContent = format.money(money.totalExpenses);
  by("net").textContent = format.money(money.netRevenue);
  by("net").classList.toggle("negative", money.netRevenue < 0);
  by("margin").textContent = format.percent(money.profitMarginPercentage);
  by("refunds").textContent = Number(money.refunds) ? `After refunds of ${format.money(money.refunds)}` : "No refunds";
  by("spent-share").textContent = Number(money.totalRevenue) > 0 ? `${format.percent((100 * money.totalExpenses) / money.totalRevenue)} of revenue` : "\u00a0";

  const months = joined(analytics.monthlyTrends ?? [], analytics.monthlyAnalytics ?? []);
  rows("months", months, (row) => [format.month(row.month), format.count(row.orderCount), format.money(row.revenue),
    format.money(row.expenses), format.money(row.netProfit), format.count(row.distinctProducts), format.money(row.averageOrderValue)], "No sales or expenses in the last 12 months.");
  rows("spending", analytics.expenseBreakdown ?? [], (row) => [row.category, format.count(row.count), format.money(row.amount),
    share(row.percentage, format)], "No expenses have come in.");
  rows("selling", analytics.topProducts ?? [], (row) => [product(row), format.count(row.totalSold), format.money(row.revenue),
    format.money(row.averagePrice), format.percent(row.profitMargin)], "No product has been sold yet.");
  showChart(months, format);
  showFailures(analytics.failures ?? [], format);
}

// The two monthly answers as one list, newest first.
export function joined(trends, monthly) {
  const more = new Map(monthly.map((row) => [row.month, row]));
  return trends.map((row) => ({ ...more.get(row.month), ...row }));
}

let redraw = null;
new ResizeObserver(() => redraw?.()).observe(by("chart"));

function showChart(months, format) {
  const oldestFirst = [...months].reverse();
  const say = (chosen) => {
    const row = chosen ?? months[0];
    by("readout").textContent = row
      ? `${format.month(row.month)}: revenue ${format.money(row.revenue)}, expenses ${format.money(row.expenses)}, net ${format.money(row.netProfit)}, ${format.count(row.orderCount)} orders`
      : "\u00a0";
  };
  redraw = () => draw(by("chart"), oldestFirst, format, say);
  redraw();
  say(null);
}

// A metric that failed keeps its last good figures, and its heading says since when.
function showFailures(failures, format) {
  document.querySelectorAll(".old").forEach((mark) => mark.remove());
  for (const failure of failures) {
    const title = by(FAILED[failure.metric]);
    if (!title) continue;
    const mark = Object.assign(document.createElement("span"), { className: "old", textContent: `not updated since ${format.instant(failure.computedAt)}` });
    mark.title = failure.reason;
    title.append(" ", mark);
  }
}

function rows(table, list, cells, none) {
  const body = by(table).tBodies[0];
  if (!list.length) {
    const cell = Object.assign(document.createElement("td"), { textContent: none, className: "none" });
    cell.colSpan = by(table).tHead.rows[0].cells.length;
    body.replaceChildren(row([cell]));
    return;
  }
  body.replaceChildren(...list.map((item) => row(cells(item).map(cell))));
}

function row(cells) {
  const element = document.createElement("tr");
  element.append(...cells);
  return element;
}

function cell(content, index) {
  const element = document.createElement(index === 0 ? "th" : "td");
  if (index === 0) element.scope = "row";
  element.append(content);
  return element;
}

// The id tells apart what two platforms call by the same name.
function product({ name, productId }) {
  const box = document.createElement("span");
  box.append(name ?? productId);
  if (name && name !== productId) box.append(" ", Object.assign(document.createElement("small"), { textContent: productId }));
  return box;
}

function share(percentage, format) {
  const box = Object.assign(document.createElement("span"), { className: "share" });
  const track = Object.assign(document.createElement("span"), { className: "track" });
  const fill = document.createElement("span");
  fill.style.width = `${Math.max(0, Math.min(100, Number(percentage) || 0))}%`;
  track.append(fill);
  box.append(track, format.percent(percentage));
  return box;
}

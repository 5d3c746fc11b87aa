// Twelve months as bars for revenue and expenses and a line for net profit, drawn as SVG at the size there is.

const HEIGHT = 260;
const PAD = { top: 12, right: 6, bottom: 26, left: 58 };

// Round steps that cover [low, high] in about four lines: 1, 2, 2.5 or 5 times a power of ten.
export function ticks(low, high, wanted = 4) {
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => span / s <= wanted + 0.5);
  const first = Math.floor(low / step), last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

export function draw(place, rows, format, onPoint) {
  const width = Math.max(280, place.clientWidth);
  const values = rows.flatMap((row) => [row.revenue, row.expenses, row.netProfit].map(Number));
  const lines = ticks(Math.min(0, ...values), Math.max(0, ...values) || 1);
  const [low, high] = [lines[0], lines.at(-1)];
  const inner = { width: width - PAD.left - PAD.right, height: HEIGHT - PAD.top - PAD.bottom };
  const y = (value) => PAD.top + inner.height * (1 - (value - low) / (high - low));
  const slot = inner.width / Math.max(1, rows.length);
  const bar = Math.min(18, slot * 0.34);
  const middle = (index) => PAD.left + slot * (index + 0.5);
  const every = Math.ceil(34 / slot);

  const svg = node("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img" });
  svg.append(node("title", {}, summary(rows, format)));
  for (const value of lines) {
    svg.append(node("line", { class: value === 0 ? "axis" : "grid", x1: PAD.left, x2: width - PAD.right, y1: y(value), y2: y(value) }));
    svg.append(node("text", { class: "tick", x: PAD.left - 8, y: y(value) + 4, "text-anchor": "end" }, format.compactMoney(value)));
  }
  rows.forEach((row, index) => {
    const month = node("g", { class: "month" });
    month.append(node("rect", { class: "hit", x: middle(index) - slot / 2, y: PAD.top, width: slot, height: inner.height + PAD.bottom }));
    month.append(column("revenue", middle(index) - bar - 1, bar, y(0), y(Number(row.revenue))));
    month.append(column("expenses", middle(index) + 1, bar, y(0), y(Number(row.expenses))));
    if ((rows.length - 1 - index) % every === 0) {
      month.append(node("text", { class: "tick", x: middle(index), y: HEIGHT - 8, "text-anchor": "middle" }, format.shortMonth(row.month)));
    }
    month.addEventListener("pointerenter", () => onPoint(row));
    month.addEventListener("pointerleave", () => onPoint(null));
    svg.append(month);
  });
  const points = rows.map((row, index) => [middle(index), y(Number(row.netProfit))]);
  svg.append(node("polyline", { class: "net", points: points.map((point) => point.join(",")).join(" ") }));
  points.forEach(([cx, cy]) => svg.append(node("circle", { class: "net", cx, cy, r: 3 })));
  place.replaceChildren(svg);
}

function column(name, x, width, zero, end) {
  const height = Math.abs(zero - end), r = Math.min(2.5, height / 2, width / 2), up = end <= zero ? -1 : 1;
  const d = `M${x} ${zero}v${up * (height - r)}q0 ${up * r} ${r} ${up * r}h${width - 2 * r}q${r} 0 ${r} ${-up * r}v${-up * (height - r)}z`;
  return node("path", { class: name, d });
}

function summary(rows, format) {
  if (!rows.length) return "No months yet.";
  const [first, last] = [rows[0], rows.at(-1)];
  const best = rows.reduce((a, b) => (Number(b.revenue) > Number(a.revenue) ? b : a));
  return `Revenue, expenses and net profit from ${format.month(first.month)} to ${format.month(last.month)}; ` +
    `highest revenue ${format.money(best.revenue)} in ${format.month(best.month)}. The table below has every figure.`;
}

function node(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

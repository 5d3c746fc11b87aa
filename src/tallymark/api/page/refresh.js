// The refresh button: its faces, the four steps as they happen, and what is said when it is refused or fails.

import { countdown } from "./format.js";
import { call, events } from "./server.js";

const by = (id) => document.getElementById(id);
export const STEPS = ["Calculating Revenue", "Processing Expenses", "Analyzing Trends", "Finalizing Results"];
const FACES = { ready: "Refresh Analytics", stale: "Refresh Recommended", busy: "Refreshing..." };
const LINGER = 4000;

export function refreshButton({ onDone, onFailed }) {
  const state = { tenant: null, platform: "all", stale: false, run: null, until: 0, watch: null };

  function paint() {
    const left = Math.ceil((state.until - Date.now()) / 1000);
    const face = state.run ? "busy" : state.stale ? "stale" : "ready";
    const waiting = !state.run && left > 0;
    by("refresh").textContent = waiting ? `Refresh again in ${countdown(left)}` : FACES[face];
    by("refresh").dataset.face = waiting ? "waiting" : face;
    by("refresh").setAttribute("aria-disabled", String(waiting || face === "busy"));
  }

  async function press() {
    if (by("refresh").getAttribute("aria-disabled") === "true") return;
    state.run = "asked for";
    light(0);
    say("Refreshing.");
    paint();
    try {
      const path = `/api/admin/analytics/refresh?platform=${encodeURIComponent(state.platform)}`;
      const started = await call("POST", path, { tenant: state.tenant, prefer: "respond-async" });
      await follow(started.runId);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      end();
      by("steps").hidden = true;
      if (problem.status === 429) {
        state.until = Date.now() + problem.retryAfter * 1000;
        say(problem.message);
        paint();
      } else onFailed(problem);
    }
  }

  // Lights the steps of a run, ours or another's, until it ends.
  async function follow(run) {
    state.run = run;
    state.watch?.abort();
    const watch = (state.watch = new AbortController());
    paint();
    for await (const { name, data } of events(`/api/admin/analytics/runs/${run}/events`, { tenant: state.tenant, signal: watch.signal })) {
      if (name === "progress") {
        light(data.index);
        say(`${data.step}, step ${data.index} of ${data.of}.`);
      }
      if (name === "completed") {
        await onDone();
        light(STEPS.length + 1, data);
        say("Refreshed.");
        end();
        setTimeout(() => { if (!state.run) by("steps").hidden = true; }, LINGER);
        return;
      }
      if (name === "failed") {
        fail();
        end();
        onFailed({ message: data.error ?? "The refresh failed." });
        return;
      }
    }
    if (!watch.signal.aborted) {
      end();
      onFailed({ message: "The server stopped telling how far the refresh is." });
    }
  }

  function end() {
    state.run = null;
    paint();
  }

  by("steps").replaceChildren(...STEPS.map((name) => Object.assign(document.createElement("li"), { textContent: name })));
  by("refresh").addEventListener("click", press);
  setInterval(paint, 1000);

  return {
    show(changes) {
      if (changes.tenant !== state.tenant || changes.platform !== state.platform) {
        state.watch?.abort();
        Object.assign(state, { run: null, until: changes.tenant === state.tenant ? state.until : 0 });
        by("steps").hidden = true;
      }
      Object.assign(state, changes);
      paint();
    },
    busy: () => state.run !== null,
    follow: (run) => follow(run).catch((problem) => { if (problem.name !== "AbortError") { end(); onFailed(problem); } }),
  };
}

// Steps before `index` are done, the one at `index` runs; 0 means asked for, past the last means all done.
function light(index) {
  by("steps").hidden = false;
  [...by("steps").children].forEach((step, place) => {
    step.dataset.state = place + 1 < index ? "done" : place + 1 === index ? "running" : "waiting";
    if (step.dataset.state === "running") step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  });
}

function fail() {
  const running = by("steps").querySelector("[data-state=running]") ?? by("steps").firstElementChild;
  running.dataset.state = "failed";
}

function say(text) {
  by("announce").textContent = text;
}

// The one place that speaks to the server. Refusals arrive as Problem, with what RFC 9457 says of them.

export class Problem extends Error {
  constructor(status, { code = "unreachable", message }, retryAfter = null) {
    super(message);
    Object.assign(this, { status, code, retryAfter });
  }
}

export async function call(method, path, { tenant, json, prefer, signal } = {}) {
  const answer = await reach(path, {
    method,
    signal,
    headers: {
      Accept: "application/json",
      ...(tenant && { "X-Tenant": tenant }),
      ...(json && { "Content-Type": "application/json" }),
      ...(prefer && { Prefer: prefer }),
    },
    body: json && JSON.stringify(json),
  });
  return answer.status === 204 ? null : answer.json();
}

// Server-sent events by fetch, because EventSource cannot say which shop is meant.
export async function* events(path, { tenant, signal }) {
  const headers = { Accept: "text/event-stream", ...(tenant && { "X-Tenant": tenant }) };
  const answer = await reach(path, { headers, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
      if (fields.event) yield { name: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

async function reach(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { message: "The server cannot be reached." });
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({ message: `The server answered ${answer.status}.` }));
  throw new Problem(answer.status, problem, Number(answer.headers.get("Retry-After")) || null);
}

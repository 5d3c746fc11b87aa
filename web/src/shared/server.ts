import { pause } from "./pace";

/** The one place that speaks to the server. Refusals arrive as Problem, with what RFC 9457 says of them. */

export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code = "unreachable",
    readonly retryAfter: number | null = null,
    /** What to do about it. */
    readonly hint = "",
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }

  /** The server was not reached at all, or whatever stands before it could not reach it. */
  get unreachable(): boolean {
    return [0, 502, 503, 504].includes(this.status);
  }
}

let ended: () => void = () => undefined;

/** Calls this when the server does not know the visitor any more, whoever asked it for whatever. */
export function onSessionEnd(tell: () => void): void {
  ended = tell;
}

const missing = new Set<() => void>();

/** Calls this when the server was not reached, whoever asked it for whatever; what it returns ends that. */
export function onUnreachable(tell: () => void): () => void {
  missing.add(tell);
  return () => missing.delete(tell);
}

export interface Asked {
  tenant?: string;
  json?: unknown;
  prefer?: string;
  signal?: AbortSignal;
}

export async function call<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
  const { tenant, json, prefer, signal } = asked;
  const answer = await reach(path, {
    method,
    signal: signal ?? null,
    headers: {
      Accept: "application/json",
      ...(tenant && { "X-Tenant": tenant }),
      ...(json !== undefined && { "Content-Type": "application/json" }),
      ...(prefer && { Prefer: prefer }),
    },
    body: json === undefined ? null : JSON.stringify(json),
  });
  if (answer.status === 204) return undefined as T;
  try {
    return (await answer.json()) as T;
  } catch (error) {
    throw lost(error);
  }
}

/** A file that the server writes, under the name it gives it. */
export async function file(path: string, tenant: string): Promise<{ name: string; content: Blob }> {
  const answer = await reach(path, { headers: { "X-Tenant": tenant } });
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  try {
    return { name: name ?? "export", content: await answer.blob() };
  } catch (error) {
    throw lost(error);
  }
}

export interface ServerEvent {
  name: string;
  data: unknown;
}

/** Server-sent events by fetch, because EventSource cannot say which shop is meant, nor send anything. */
export async function* events(
  path: string,
  { tenant, signal, json }: { tenant: string; signal: AbortSignal; json?: unknown },
): AsyncGenerator<ServerEvent> {
  const headers = { Accept: "text/event-stream", "X-Tenant": tenant };
  const sent = json !== undefined && {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(json),
  };
  const answer = await reach(path, { headers, signal, ...sent });
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read().catch((error) => {
      throw told(lost(error));
    });
    if (done) return;
    const blocks = (text + value).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parsed(block);
      if (event) yield event;
    }
  }
}

/** One event of the stream; null for comments and settings. */
export function parsed(block: string): ServerEvent | null {
  const fields = new Map(
    block.split("\n").map((line) => {
      const [name = "", ...rest] = line.split(": ");
      return [name, rest.join(": ")];
    }),
  );
  const name = fields.get("event");
  return name ? { name, data: JSON.parse(fields.get("data") ?? "null") } : null;
}

async function reach(path: string, options: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    throw told(lost(error));
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  const retryAfter = Number(answer.headers.get("Retry-After")) || null;
  if (answer.status === 429 && retryAfter && onlyReads(path, options)) {
    await pause(retryAfter, options.signal);
    return reach(path, options);
  }
  if (answer.status === 401 && !path.startsWith("/api/auth/")) ended();
  throw told(problemOf(answer.status, said, retryAfter));
}

/** The same, after everybody has heard of it who wants to know that the server is gone. */
function told(error: unknown): unknown {
  if (error instanceof Problem && error.unreachable) for (const tell of missing) tell();
  return error;
}

/** A refusal by what the server said of it. */
export function problemOf(status: number, said: object, retryAfter: number | null = null): Problem {
  const { message, code, hint, details } = said as Partial<Problem>;
  return new Problem(status, message ?? `The server answered ${status}.`, code, retryAfter, hint, details);
}

/** What may be asked again without doing anything twice. */
function onlyReads(path: string, { method = "GET" }: RequestInit): boolean {
  return method === "GET" || path === "/graphql";
}

function lost(error: unknown): unknown {
  const left = error instanceof DOMException && error.name === "AbortError";
  return left ? error : new Problem(0, "The server cannot be reached.");
}

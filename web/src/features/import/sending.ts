/** Files on their way to the server, and work there that tells how far it is. */

import { events, Problem, problemOf } from "@/shared/server";
import type { Sent } from "./plan";

export interface Progress {
  what: string;
  rows: number;
}

/** Sends a file; `tell` hears which share of it is there. By XMLHttpRequest, for fetch does not say. */
export function send(file: File, tenant: string, tell: (share: number) => void): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const asking = new XMLHttpRequest();
    asking.open("POST", `/api/imports/files?name=${encodeURIComponent(file.name)}`);
    asking.setRequestHeader("X-Tenant", tenant);
    asking.setRequestHeader("Content-Type", "application/octet-stream");
    asking.upload.onprogress = ({ loaded, total }) => tell(total ? loaded / total : 0);
    asking.onerror = () => reject(new Problem(0, "The server cannot be reached, or has stopped listening."));
    asking.onload = () => {
      const said = JSON.parse(asking.responseText || "{}");
      if (asking.status < 300) resolve(said.data);
      else reject(problemOf(asking.status, said));
    };
    asking.send(file);
  });
}

/** What the server answers once it is done; `tell` hears what it is at. */
export async function worked<Answer>(
  path: string,
  json: unknown,
  asked: { tenant: string; signal: AbortSignal },
  tell: (progress: Progress) => void,
): Promise<Answer> {
  for await (const { name, data } of events(path, { ...asked, json })) {
    if (name === "progress") tell(data as Progress);
    if (name === "completed") return data as Answer;
    if (name === "failed") {
      const said = data as { status: number };
      throw problemOf(said.status, said);
    }
  }
  throw new Problem(0, "The server stopped telling how far it is.");
}

/** What the audit log calls things, and what people call them. Pure. */

export interface Entry {
  id: number;
  at: string;
  actor: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
  address: string;
}

const ACTIONS: Record<string, string> = {
  "archive.restore": "Archive restored",
  "cache.clear": "Cache cleared",
  "connection.add": "Connection added",
  "connection.remove": "Connection removed",
  "job.restart": "Job restarted",
  "job.retry": "Run tried again",
  "job.schedule": "Schedule changed",
  "job.schedule.reset": "Schedule reset",
  "job.stop": "Job stopped",
  "job.trigger": "Job started",
  "key.create": "Key made",
  "key.revoke": "Key ended",
  "password.change": "Password changed",
  "rate.remove": "Rate removed",
  "rate.set": "Rate entered",
  "token.issue": "Token issued",
  "user.invite": "Person invited",
  "user.remove": "Person removed",
  "user.role": "Role changed",
};

/** `key.create` as `Key made`; an action without such words in those of its name. */
export function told(action: string): string {
  const words = action.replaceAll(/[._]/g, " ");
  return ACTIONS[action] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** With what it was done; that it went well goes without saying. */
export function detailsOf({ details }: Pick<Entry, "details">): string {
  return Object.entries(details)
    .filter(([name, value]) => value !== null && !(name === "outcome" && value === "ok"))
    .map(([name, value]) => {
      if (name === "outcome") return String(value);
      if (name === "enabled") return value ? "switched on" : "switched off";
      return `${name.replaceAll("_", " ")} ${listed(value)}`;
    })
    .join(" · ");
}

function listed(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name} ${String(one)}`)
    .join(", ");
}

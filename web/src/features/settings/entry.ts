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

/** `key.create` as `Key create`. */
export function told(action: string): string {
  const words = action.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

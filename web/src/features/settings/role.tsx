export type Role = "admin" | "analyst" | "viewer";

export const ROLES: Record<Role, { name: string; may: string }> = {
  viewer: { name: "Viewer", may: "sees figures" },
  analyst: { name: "Analyst", may: "sees every figure, of single customers too" },
  admin: { name: "Admin", may: "refreshes, imports, and changes people, keys and schedules" },
};

export function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return (
    <fieldset className="checks">
      <legend>Role</legend>
      {Object.entries(ROLES).map(([role, { name, may }]) => (
        <label key={role}>
          <input type="radio" name="role" checked={role === value} onChange={() => onChange(role as Role)} />
          <span>
            {name} <span className="note">{may}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** What each role of a household may do. */
const PERMISSIONS = {
  owner: [
    'household:read',
    'hub:read',
    'hub:bind',
    'hub:unbind',
    'hub:reprovision',
    'display:read',
    'display:control',
    'content:read',
    'content:write',
    'token:manage',
  ],
} as const;

export type Role = keyof typeof PERMISSIONS;
export type Permission = (typeof PERMISSIONS)[Role][number];

/** Whether a role holds a permission. */
export function isPermitted(role: Role, permission: Permission): boolean {
  return PERMISSIONS[role].some((held) => held === permission);
}

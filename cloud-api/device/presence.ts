/** A hub is online while its last heartbeat is younger than twice the span after which the next one was promised. */
export function isOnline(hub: { lastHeartbeatAt: Date | null; nextHeartbeatS: number | null }, nowMs: number): boolean {
  if (hub.lastHeartbeatAt === null || hub.nextHeartbeatS === null) return false;
  return nowMs - hub.lastHeartbeatAt.getTime() < 2 * hub.nextHeartbeatS * 1000;
}

import { asSystem } from '../database/database.js';
import type { Services } from '../services.js';
import type { BackendLink } from './backend-link.js';

/** Connects the link with what the service does: hears hubs, notes what went out, and hints at what could not go out. */
export function startLink(link: BackendLink, { context, upIntake, delivery }: Services): void {
  const { log, db } = context;
  link.start({
    handle: (topic, payload, signal) => upIntake.handle(topic, payload, signal),
    onPublished: (cmdId) => {
      delivery
        .notePublished(cmdId)
        .catch((error: unknown) => log.warn({ err: error, cmdId }, 'a published command could not be noted'));
    },
    onConnected: () => {
      asSystem(db, (tx) => delivery.waitedFor(tx)).then(
        (thingNames) => {
          for (const thingName of thingNames) link.hint(thingName);
        },
        (error: unknown) => log.warn({ err: error }, 'hubs for which something waits could not be told'),
      );
    },
  });
}

import { type Address, settleIn } from './address.js';
import { openCredentials } from './credentials.js';
import { registerHardware } from './factory.js';
import { ProductProcess } from './product-process.js';
import { cloudProcess, hubProcess } from './products.js';
import { type Router, startRouter } from './router.js';
import type { HouseholdSettings } from './settings.js';
import { startWorld, type World } from './world.js';

/** A whole household: the world, the cloud and the hub as processes of their own, and the person who lives in it. */
export type Household = {
  readonly world: World;
  readonly address: Address;
  readonly cloud: Product;
  readonly hub: Product;
  /** Cuts the home off from everything outside it, MQTT and HTTP. */
  cutLink(): void;
  mendLink(): void;
  stop(): Promise<void>;
};

/** A product that can be unplugged and plugged in again. */
export type Product = {
  readonly pid: number | undefined;
  kill(): Promise<void>;
  start(): Promise<void>;
};

/**
 * Brings a household up: provisioned, bound by the code on its own glass, ready for a message.
 * @throws SimError `household.*`
 */
export async function startHousehold(settings: HouseholdSettings, signal: AbortSignal): Promise<Household> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
  };
  try {
    return await bringUp(settings, started, stop, signal);
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function bringUp(
  settings: HouseholdSettings,
  started: { stop(): Promise<void> }[],
  stop: () => Promise<void>,
  signal: AbortSignal,
): Promise<Household> {
  const { home, clock, onProblem } = settings;
  const world = await startWorld(settings);
  started.push(world);
  const credentials = await openCredentials(home, world.iotCore.admin);

  const cloud = await productOf(() => cloudProcess(settings, world, credentials), { onProblem, signal });
  started.push(cloud);
  world.iotCore.admin.setHook({
    url: `${cloud.url}/v1/hooks/pre-provisioning`,
    headers: { authorization: `Bearer ${credentials.hookToken}` },
  });
  await registerHardware(world.factory, cloud.url, credentials.operatorToken, signal);

  const router: Router = await startRouter(Number(new URL(cloud.url).port));
  started.push(router);
  const hub = await productOf(() => hubProcess(settings, world, credentials, router), { onProblem, signal });
  started.push(hub);

  const urls = { cloudUrl: cloud.url, hubUrl: hub.url, glassUrl: world.glassPage.url };
  const address = await settleIn({ home, urls, view: world.wall, panel: settings.panel, clock }, signal);
  return {
    world,
    address,
    cloud,
    hub,
    cutLink: () => {
      router.cut();
      world.iotCore.admin.holdDown(address.thingName);
    },
    mendLink: () => {
      world.iotCore.admin.resume(address.thingName);
      router.mend();
    },
    stop,
  };
}

/** Keeps a product running: it may end itself to restart, as a hub does when it is told to reboot. */
async function productOf(
  specOf: () => Omit<Parameters<typeof ProductProcess.start>[0], 'onGone'>,
  { onProblem, signal }: { onProblem: ((problem: string) => void) | undefined; signal: AbortSignal },
): Promise<Product & { readonly url: string; stop(): Promise<void> }> {
  let stopping = false;
  let port: string | undefined;
  const begin = async (): Promise<ProductProcess> => {
    const spec = specOf();
    const env = port === undefined ? spec.env : { ...spec.env, INKLET_PORT: port };
    const onGone = (how: string) => {
      onProblem?.(`the ${spec.name} ${how}; its log is ${spec.logFile}`);
      if (stopping) return;
      begin().then(
        (next) => {
          running = next;
        },
        (cause: unknown) => onProblem?.(`the ${spec.name} did not come back: ${String(cause)}`),
      );
    };
    const next = await ProductProcess.start({ ...spec, env, onGone }, signal);
    port = new URL(next.url).port;
    return next;
  };
  let running = await begin();
  return {
    url: running.url,
    get pid() {
      return running.pid;
    },
    kill: () => running.kill(),
    start: async () => {
      running = await begin();
    },
    stop: async () => {
      stopping = true;
      await running.stop();
    },
  };
}

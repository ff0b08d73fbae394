import { type Address, settleIn, withdrawAddress } from './address.js';
import { openCredentials } from './credentials.js';
import { registerHardware } from './factory.js';
import { KeptProduct, type Product } from './kept-product.js';
import type { ProductSpec } from './product-process.js';
import { cloudProcess, hubProcess } from './products.js';
import { startRouter } from './router.js';
import type { HouseholdSettings } from './settings.js';
import { Started } from './started.js';
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

/**
 * Brings a household up: provisioned, bound by the code on its own glass, ready for a message.
 * @throws SimError `household.*`
 */
export async function startHousehold(settings: HouseholdSettings, signal: AbortSignal): Promise<Household> {
  const started = new Started();
  return started.orNothing(() => bringUp(settings, started, signal));
}

async function bringUp(settings: HouseholdSettings, started: Started, signal: AbortSignal): Promise<Household> {
  const { home, clock, onProblem } = settings;
  await withdrawAddress(home);
  const world = started.add(await startWorld(settings));
  const credentials = await openCredentials(home, world.iotCore.admin);
  const plugIn = async (specOf: () => ProductSpec): Promise<KeptProduct> => {
    const product = started.add(new KeptProduct({ specOf, onProblem, signal }));
    await product.start();
    return product;
  };

  const cloud = await plugIn(() => cloudProcess(settings, world, credentials));
  world.iotCore.admin.setHook({
    url: `${cloud.url}/v1/hooks/pre-provisioning`,
    headers: { authorization: `Bearer ${credentials.hookToken}` },
  });
  await registerHardware(world.factory, cloud.url, credentials.operatorToken, signal);

  const router = started.add(await startRouter(Number(new URL(cloud.url).port), clock));
  const hub = await plugIn(() => hubProcess(settings, world, credentials, router));

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
    stop: () => started.stop(),
  };
}

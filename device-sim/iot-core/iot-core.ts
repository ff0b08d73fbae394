import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Logger, pino } from 'pino';
import { ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { IotCoreAdmin } from './admin.js';
import { Broker } from './broker.js';
import { CertificateAuthority } from './certificate-authority.js';
import { Client, type OnDenied } from './client.js';
import { Faults } from './faults/faults.js';
import type { PreProvisioningHook } from './hook.js';
import { JobService } from './jobs/job-service.js';
import { Jobs } from './jobs/jobs.js';
import { Listener } from './listener.js';
import { Presence } from './presence.js';
import { Provisioning } from './provisioning.js';
import { ConnectRates, type Rates } from './rates.js';
import { receive } from './reception.js';
import { Registry } from './registry.js';
import { ReservedTopics } from './reserved-topics.js';
import { ShadowService } from './shadow/shadow-service.js';
import { Shadows } from './shadow/shadows.js';
import {
  BACKEND_POLICY,
  BACKEND_POLICY_DOCUMENT,
  claimPolicy,
  claimPolicyName,
  DEVICE_POLICY,
  DEVICE_POLICY_DOCUMENT,
} from './shipped-policies.js';
import { HUB_TEMPLATE, HUB_TEMPLATE_NAME, ROTATION_TEMPLATE } from './shipped-template.js';
import { type TemplateInput, TemplateSchema } from './template.js';
import { Timers } from './timers.js';

const CLIENT_ID_BYTES = 16;
const SHIPPED_TEMPLATES = { [HUB_TEMPLATE_NAME]: HUB_TEMPLATE, [ROTATION_TEMPLATE_NAME]: ROTATION_TEMPLATE };

export interface IotCoreOptions {
  /** Authority, things, certificates and templates live here, made on first use. */
  readonly dir: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** By name; those that are shipped if absent. Each gets a claim policy of its own. */
  readonly templates?: Readonly<Record<string, TemplateInput>>;
  /** Without one, whoever holds a claim certificate may register. */
  readonly hook?: PreProvisioningHook;
  readonly clock: Clock;
  /** Random bytes for tokens and client ids; the system's if absent. */
  readonly random?: (size: number) => Uint8Array;
  readonly log?: Logger;
  /** What is one too many; without limits if absent. */
  readonly rates?: Rates;
  /** How MQTT 5 clients learn that a policy denies: `reason-code` if absent. MQTT 3.1.1 clients are disconnected. */
  readonly onDenied?: OnDenied;
}

export interface IotCore {
  readonly port: number;
  readonly caPem: string;
  readonly caFile: string;
  readonly admin: IotCoreAdmin;
  /** Cuts every connection without wills and waits until the port is free; may be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a stand-in for AWS IoT Core: MQTT 5 and 3.1.1 over mutual TLS, policies and fleet provisioning.
 * @throws SimError `iot.state-unreadable`, `iot.policy-invalid`
 */
export async function startIotCore(options: IotCoreOptions): Promise<IotCore> {
  const { dir, host, port, clock, random = randomBytes, log = pino({ level: 'silent' }) } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const authority = await CertificateAuthority.open(dir);
  const registry = openRegistry(dir, options.templates ?? SHIPPED_TEMPLATES);
  const timers = new Timers(clock);
  const broker = new Broker({ timers, log: log.child({ mod: 'broker' }) });
  const faults = new Faults({ log: log.child({ mod: 'faults' }) });
  const provisioning = new Provisioning({ authority, registry, clock, faults, randomBytes: random, log });
  const hasThing = (thingName: string) => registry.thing(thingName) !== undefined;
  const shadows = new Shadows({ file: path.join(dir, 'shadows.json'), clock, hasThing });
  const jobs = new Jobs({ file: path.join(dir, 'jobs.json'), clock, timers, hasThing });
  const publish = (topic: string, body: object, notTo?: string) =>
    broker.publish({ topic, payload: Buffer.from(JSON.stringify(body)), qos: 1, retain: false, properties: {}, notTo });
  const nowS = () => Math.floor(clock.now() / 1000);
  const shadowService = new ShadowService({ shadows, publish, nowS, log: log.child({ mod: 'shadow' }) });
  const jobService = new JobService({ jobs, clock, hasThing, publish, log: log.child({ mod: 'jobs' }) });
  const services = new ReservedTopics({ services: [provisioning, shadowService, jobService], faults });
  provisioning.hook = options.hook;
  let onDenied = options.onDenied ?? 'reason-code';
  let rates = options.rates ?? {};
  const connects = new ConnectRates();
  const newId = () => Buffer.from(random(CLIENT_ID_BYTES)).toString('hex');
  const presence = new Presence({ clock, newSessionId: newId, publish });
  const clients = new Set<Client>();

  const admin = new IotCoreAdmin({
    registry,
    authority,
    faults,
    jobs,
    shadows,
    shadowService,
    nowMs: () => clock.now(),
    clients: () => [...clients],
    tap: (listener) => broker.tap(listener),
    setHook: (hook) => {
      provisioning.hook = hook;
    },
    setRates: (next) => {
      rates = next;
    },
    setOnDenied: (mode) => {
      onDenied = mode;
    },
    cutAll: () => listener.cutAll(),
  });
  const revoke = (certificateId: string) => admin.setCertificateStatus(certificateId, 'REVOKED');
  const listener = new Listener({
    authority,
    log,
    isOpen: () => !admin.isHeldDown(),
    onSecure: (socket, certificateId) =>
      receive(socket, certificateId, {
        registry,
        timers,
        log,
        faults,
        revoke,
        newClientId: newId,
        isInTime: (clientId) => connects.allows(clientId, rates.connectsPerS, clock.monotonic()),
        isHeldDown: (clientId) => admin.isHeldDown(clientId),
        onAdmitted: (admission, link) => {
          const client = new Client(admission, link, {
            broker,
            services,
            faults,
            revoke,
            presence,
            rates: () => rates,
            clock,
            timers,
            onDenied: () => onDenied,
            log,
            onEnd: () => clients.delete(client),
          });
          clients.add(client);
        },
      }),
  });
  const boundPort = await listener.listen(host, port);
  log.info({ host, port: boundPort }, 'iot core stand-in listens');

  return {
    port: boundPort,
    caPem: authority.caPem,
    caFile: authority.caFile,
    admin,
    stop: async () => {
      broker.stop();
      timers.stop();
      await listener.stop();
      await provisioning.stop();
    },
  };
}

/** Shipped policies and the given templates replace what an older build wrote. */
function openRegistry(dir: string, templates: Readonly<Record<string, TemplateInput>>): Registry {
  const registry = new Registry(path.join(dir, 'registry.json'));
  registry.putPolicy(DEVICE_POLICY, DEVICE_POLICY_DOCUMENT);
  registry.putPolicy(BACKEND_POLICY, BACKEND_POLICY_DOCUMENT);
  for (const [name, template] of Object.entries(templates)) {
    registry.putTemplate(name, TemplateSchema.parse(template));
    registry.putPolicy(claimPolicyName(name), claimPolicy(name));
  }
  return registry;
}

import type { IoTClient } from '@aws-sdk/client-iot';
import { CloudError } from '../errors.js';
import type { IotControl } from './iot-control.js';

const CONNECT_LIMIT_MS = 5_000;
const REQUEST_LIMIT_MS = 10_000;
/** The queue tries again by itself. */
const ATTEMPTS = 1;
const MAX_REASON_CHARACTERS = 200;

type Settings = { endpoint?: string | undefined; region: string; requestLimitMs?: number };

/** AWS IoT's own REST API, by the credentials that the AWS SDK finds; the SDK is loaded when it is first needed. */
export class AwsIotControl implements IotControl {
  readonly #settings: Settings;
  #opened: Promise<{ sdk: typeof import('@aws-sdk/client-iot'); client: IoTClient }> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async retire(
    { certificateId, thingName }: { certificateId: string; thingName: string },
    abortSignal: AbortSignal,
  ): Promise<void> {
    const { sdk, client } = await this.#open();
    const by = { abortSignal };
    const described = await orGone(() => client.send(new sdk.DescribeCertificateCommand({ certificateId }), by));
    const principal = described?.certificateDescription?.certificateArn;
    if (principal === undefined) return;
    await orGone(() => client.send(new sdk.UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }), by));
    await orGone(() => client.send(new sdk.DetachThingPrincipalCommand({ thingName, principal }), by));
  }

  close(): void {
    void this.#opened?.then(({ client }) => client.destroy()).catch(() => {});
  }

  #open(): Promise<{ sdk: typeof import('@aws-sdk/client-iot'); client: IoTClient }> {
    this.#opened ??= import('@aws-sdk/client-iot').then((sdk) => {
      const { endpoint, region, requestLimitMs = REQUEST_LIMIT_MS } = this.#settings;
      // Without `throwOnRequestTimeout` the SDK warns, and waits on.
      const limits = { connectionTimeout: CONNECT_LIMIT_MS, requestTimeout: requestLimitMs };
      const requestHandler = { ...limits, throwOnRequestTimeout: true };
      const options = { region, requestHandler, maxAttempts: ATTEMPTS, ...(endpoint !== undefined && { endpoint }) };
      return { sdk, client: new sdk.IoTClient(options) };
    });
    return this.#opened;
  }
}

/** What is not there any more needs nothing more. The SDK's error holds request and response: only its words go on. */
async function orGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new CloudError('iot.control-failed', said.slice(0, MAX_REASON_CHARACTERS));
  }
}

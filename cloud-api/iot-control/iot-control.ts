/** The control plane of AWS IoT, as far as the cloud needs it. */
export interface IotControl {
  /**
   * Makes a certificate INACTIVE and detaches it from its thing; one that is unknown, or detached already, is done.
   * Once the signal is aborted nothing more is asked of AWS.
   * @throws CloudError `iot.control-failed`
   */
  retire(certificate: { certificateId: string; thingName: string }, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The control plane of AWS IoT, as far as the cloud needs it. */
export interface IotControl {
  /**
   * Makes a certificate INACTIVE and detaches it from its thing; one that is unknown, or detached already, is done.
   * @throws CloudError `iot.control-failed`
   */
  retire(certificate: { certificateId: string; thingName: string }): Promise<void>;
  close(): void;
}

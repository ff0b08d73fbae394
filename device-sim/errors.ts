/** Stable words for a simulated world that was set up wrongly. */
export type SimErrorCode =
  /** The hardware socket is to be where something else is, or where another server listens. */
  | 'hardware.path-in-use'
  /** No simulated panel has this id. */
  | 'epd.unknown-panel'
  /** The driver broke a rule of the panel's controller, and the simulated panel is strict. */
  | 'epd.rule-broken'
  /** A transfer is longer than the bus takes in one message: the kernel's EMSGSIZE. */
  | 'epd.message-too-long'
  /** A flag of the sim command that does not exist or has no such value. */
  | 'sim.bad-option'
  /** A file cannot be read, is none, or is longer than any of its kind. */
  | 'sim.unreadable'
  /** A file cannot be written. */
  | 'sim.unwritable'
  /** A recorded trace is not what it should be; the message says where. */
  | 'sim.bad-trace'
  /** The recording holds no such flow, or several of which none was named. */
  | 'sim.no-such-flow'
  /** The glass does not show what was sent. */
  | 'sim.wrong-picture'
  /** The recorded flow never drove the glass. */
  | 'sim.not-displayed'
  /** A file of the IoT Core stand-in cannot be read as what it should be. */
  | 'iot.state-unreadable'
  /** Another stand-in keeps its state in that folder. */
  | 'iot.dir-in-use'
  /** Another process listens on a port that the stand-in was to have. */
  | 'iot.port-taken'
  /** A policy document breaks a rule of the policy language or is too long. */
  | 'iot.policy-invalid'
  /** A provisioning template uses something that the stand-in does not know, or comes out unfit. */
  | 'iot.template-invalid'
  /** A parameter that the template needs has neither a value nor a default. */
  | 'iot.parameter-missing'
  /** A certificate signing request is not one, or its signature is wrong. */
  | 'iot.csr-invalid'
  /** The caller named a certificate, policy or template that does not exist. */
  | 'iot.not-found'
  /** A flag of the stand-in's command line that does not exist or has no such value. */
  | 'iot.bad-option'
  /** A fault script names something that cannot go wrong, or not like that. */
  | 'iot.fault-invalid'
  /** A job cannot be made like that. */
  | 'iot.job-refused'
  /** A shadow cannot be changed like that; the message is what a device would hear. */
  | 'iot.shadow-refused'
  /** The pre-provisioning hook gave no usable answer in time. */
  | 'iot.hook-failed'
  /** A simulated tag needs a UID of seven bytes that begins with 04, NXP's number. */
  | 'nfc.bad-uid'
  /** A flag of the command line that does not exist or has no such value. */
  | 'household.bad-option'
  /** Another process lives in that folder. */
  | 'household.home-in-use'
  /** The folder holds files that no household made, so it is not thrown away. */
  | 'household.not-a-home'
  /** Another process listens on a port that the household was to have. */
  | 'household.port-taken'
  /** The cloud or the hub did not start. */
  | 'household.process-not-ready'
  /** The cloud answered with a refusal. */
  | 'household.refused'
  /** The cloud does not know the person who lives here. */
  | 'household.unknown-person'
  /** The picture to send cannot be read, or is of no type that we know by its name. */
  | 'household.bad-image'
  /** The glass never showed a claim code. */
  | 'household.no-claim-code'
  /** The hub was not bound in time. */
  | 'household.not-bound'
  /** A message was sent and never proved. */
  | 'household.not-confirmed';

export class SimError extends Error {
  readonly code: SimErrorCode;

  constructor(code: SimErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SimError';
    this.code = code;
  }
}

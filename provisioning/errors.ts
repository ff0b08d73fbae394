/** Stable words for what can go wrong about who a device is. */
export type ProvisioningErrorCode =
  /** A hardware id, model, batch, key id or tag UID is not in its range. */
  | 'hw-id.out-of-range'
  /** The tag holds a message, but no hardware id of ours. */
  | 'tag.no-hw-id'
  /** The tag's hardware id has the wrong length. */
  | 'tag.malformed'
  /** The tag's hardware id is of a version that this build does not know. */
  | 'tag.unknown-version'
  /** The tag names a signing key that is not in the allow list. */
  | 'tag.unknown-key'
  /** The key that signed the tag is revoked. */
  | 'tag.revoked-key'
  /** The key that signed the tag may not sign this batch. */
  | 'tag.batch-out-of-range'
  /** The tag's signature is not the named key's. */
  | 'tag.wrong-signature'
  /** The signature is good, but was made for a tag with another UID: a copy. */
  | 'tag.another-uid'
  /** The tag holds a hardware id of ours already. */
  | 'tag.already-ours'
  /** The tag holds something else, which writing would destroy. */
  | 'tag.not-blank'
  /** Another tag was laid down while this one was worked on. */
  | 'tag.exchanged'
  /** The journal knows this tag under another hardware id, or this hardware id on another tag. */
  | 'tag.second-identity'
  /** A work order that was to be signed lists nothing, lasts longer than a day, or is not whole. */
  | 'work-order.invalid'
  /** It is no work order, or it was cut short. */
  | 'work-order.malformed'
  /** The work order names a key that is not in the allow list. */
  | 'work-order.unknown-key'
  /** The key that signed the work order is revoked. */
  | 'work-order.revoked-key'
  /** The work order's signature is not the named key's. */
  | 'work-order.wrong-signature'
  /** The day of the work order is over. */
  | 'work-order.expired'
  /** The day of the work order has not begun. */
  | 'work-order.not-yet-valid'
  /** The work order was issued to another technician. */
  | 'work-order.another-technician'
  /** The work order does not allow this kind of work. */
  | 'work-order.not-allowed'
  /** The work order does not list this hardware, nor its batch. */
  | 'work-order.not-listed'
  /** The cloud cannot be reached. */
  | 'cloud.unreachable'
  /** The cloud is throttling or out of order. */
  | 'cloud.unavailable'
  /** The cloud does not take the operator's token or the work order. */
  | 'cloud.not-allowed'
  /** The cloud refused what was asked; the message gives its code and its words. */
  | 'cloud.refused'
  /** Whatever answered does not speak as our cloud does. */
  | 'cloud.bad-answer'
  /** A flag or command of the technician's tool does not exist, is missing, or makes no sense. */
  | 'tech.bad-option'
  /** A file that a flag names cannot be read, or does not hold what it should. */
  | 'tech.file-unreadable'
  /** A file cannot be written. */
  | 'tech.file-unwritable'
  /** A key file is there already; none is ever overwritten. */
  | 'tech.file-exists'
  /** The id of a signing key is taken in the allow list. */
  | 'tech.key-id-taken'
  /** Another run of the tool has the journal. */
  | 'tech.journal-in-use'
  /** A line of the journal is not what this build writes. */
  | 'tech.journal-damaged'
  /** There is nothing in the journal to print a label of. */
  | 'tech.nothing-to-print'
  /** Nothing is left to do of the box, which is that of an earlier run: a new one needs a name of its own. */
  | 'tech.box-full'
  /** Called off from the keyboard. */
  | 'tech.called-off'
  /** A file of the key store is missing, or is not what this build writes. */
  | 'store.damaged'
  /** There is no claim certificate, and the hub is not provisioned. */
  | 'claim.no-certificate'
  /** There is no tag to read, and the hub is not provisioned. */
  | 'claim.no-tag'
  /** The hub is registered under another hardware id than the tag's. */
  | 'claim.another-tag'
  /** The cloud refused this hardware; the message gives its reason. */
  | 'claim.refused'
  /** The ownership token of the new certificate is not, or no longer, good. */
  | 'claim.token-refused'
  /** AWS IoT refused a request for a reason that asking again does not mend. */
  | 'claim.rejected'
  /** The broker does not let the claim certificate in: revoked, inactive, expired or never registered. */
  | 'claim.certificate-refused'
  /** There is no such provisioning template, or none that this claim certificate may use. */
  | 'claim.template-unknown'
  /** AWS IoT, or the cloud's hook, takes no more requests for now. */
  | 'claim.throttled'
  /** AWS IoT is out of order. */
  | 'claim.unavailable'
  /** No answer came within the limit. */
  | 'claim.no-answer'
  /** An answer came that does not fit the question: another key, another name, not our schema. */
  | 'claim.bad-answer'
  /** The wall clock stands before this software was written, so that no certificate can be checked. */
  | 'link.clock-not-set'
  /** The CA, a certificate or a key is not in a form that the MQTT client takes. */
  | 'link.bad-credentials'
  /** The MQTT client that is asked for has no binary for this machine. */
  | 'link.no-client'
  /** The endpoint has no address, cannot be reached, or says nothing. */
  | 'link.no-network'
  /** The server's certificate is not of our CA, has expired or is for another name; or no agreement on TLS. */
  | 'link.tls-refused'
  /** The broker heard who we are, and does not let us in. */
  | 'link.refused'
  /** The broker takes no more connections or messages for now. */
  | 'link.throttled'
  /** The broker is out of order. */
  | 'link.unavailable'
  /** Another client connected under the same client id. */
  | 'link.taken-over'
  /** The connection broke. */
  | 'link.lost'
  /** A message longer than AWS IoT Core carries. */
  | 'link.too-large'
  /** The policy of the certificate forbids a topic. */
  | 'link.not-allowed'
  /** The hub is not ACTIVE: there is no key to follow. */
  | 'rotation.not-active'
  /** The next pair is not let in by the broker. */
  | 'rotation.new-pair-refused'
  /** The next pair could not be tried: the network, or the broker, was out of order. */
  | 'rotation.not-connected'
  /** The cloud does not take the next certificate for the hub's. */
  | 'rotation.commit-refused'
  /** It is not known whether the cloud has taken the next certificate: both pairs are kept, and it is asked again. */
  | 'rotation.commit-unanswered'
  /** The hub itself could not go on, as when its card is full. */
  | 'rotation.failed';

export class ProvisioningError extends Error {
  readonly code: ProvisioningErrorCode;

  constructor(code: ProvisioningErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProvisioningError';
    this.code = code;
  }
}

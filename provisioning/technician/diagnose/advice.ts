/** What can be found beside the codes of errors, and what a person does about each. */
export const ADVICE = {
  'diagnose.not-asked': 'give the flag that the message names',
  'diagnose.no-hardware': 'lay the hub’s tag on the reader, or give --hw-id',
  'diagnose.needs-earlier': 'mend what failed before it',
  'hub.unreachable': 'is it switched on, and in this network? Try the address that is on its glass',
  'hub.bad-answer': 'something else has that address: look for the hub’s own',
  'hub.another-hardware': 'that is another hub: go to the one whose tag this is',
  'hub.local-only': 'INKLET_CLOUD_URL is not set on the hub: set it if the hub is to have a cloud',
  'hub.not-connected':
    'its network lets nothing out on the port of the broker, or its certificate is off: see the steps above',
  'hub.never-seen':
    'it has its certificate, and has not connected with it yet: wait a minute, then look at its network',
  'hub.long-silent': 'it was online before: power, network, or moved house',
  'clock.not-set': 'set it: timedatectl set-ntp true',
  'clock.wrong': 'set it: timedatectl set-ntp true; a hub needs a network with a time server',
  'dns.no-address':
    'the name of the broker is wrong, or the network’s name server does not answer: check the endpoint, and the router',
  'tcp.refused': 'nobody listens there: check host and port of the endpoint',
  'tcp.no-answer': 'a firewall drops it: let port 8883 out',
  'tls.untrusted': 'the certificate is not of that CA: a wrong CA file, or somebody in between',
  'tls.wrong-name': 'the certificate is for another name: check the endpoint',
  'tls.not-its-day': 'the certificate’s day is over or has not come: check the clock first',
  'tls.failed': 'the other end does not speak TLS there: check the port, or somebody in between',
  'claim.unreadable': 'copy certificate and key again',
  'claim.not-its-day': 'take the claim certificate of this batch; check the clock first',
  'claim.wrong-key': 'certificate and key are not of one pair: copy both again',
  'identity.unreadable': 'run it as the hub’s user, or as root',
  'identity.not-active': 'it is on its way: the steps about the cloud say what it waits for',
  'identity.too-open': 'chmod -R go= on the folder identity: others on the machine can read the key',
  'identity.not-its-day': 'check the clock first; else ask for a ticket and provision again',
  'identity.wrong-key': 'restore the folder identity; else ask for a ticket and provision again',
  'registry.unknown': 'register it: inklet-tech sync, or provision',
  'registry.blocked': 'an operator has blocked or retired it: ask why',
  'registry.refused': 'the cloud refused it a certificate for the reason that is named; a used one needs a ticket',
  'certificate.none': 'it has not asked yet: has it the claim certificate and a network?',
  'certificate.not-active': 'its certificate is off: ask for a ticket and provision again',
} as const;

export type DiagnosisCode = keyof typeof ADVICE;

export function isDiagnosisCode(code: string): code is DiagnosisCode {
  return code in ADVICE;
}

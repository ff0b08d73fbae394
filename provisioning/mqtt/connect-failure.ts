import { ProvisioningError } from '../errors.js';

const NO_NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'names cannot be looked up',
  EAI_FAIL: 'names cannot be looked up',
  ECONNREFUSED: 'nobody answers at the port',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'there is no way to its network',
  ENETDOWN: 'the network is down',
  ETIMEDOUT: 'no answer in time',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
};

/** What the broker's certificate lacks, by the codes of OpenSSL and Node. */
const SERVER_CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the server's certificate has expired by this clock",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
  HOSTNAME_MISMATCH: "the server's certificate is for another name",
  UNABLE_TO_GET_ISSUER_CERT: "the server's certificate is not of the CA",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate is not of the CA",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is not of the CA",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is not of the CA",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is not of the CA",
  CERT_SIGNATURE_FAILURE: "the server's certificate is not of the CA",
};

/** An alert of the far side about a certificate is about ours. Source: RFC 8446, section 6.2. */
const ABOUT_OUR_CERTIFICATE =
  /^ERR_SSL_(TLSV1|TLSV13|SSLV3|SSL)?_?(TLS)?V?[0-9]*_?ALERT_(UNKNOWN_CA|CERTIFICATE_\w+|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|NO_CERTIFICATE)/;

/** Says what an error of a socket or of TLS means; undefined: it means neither. */
export function connectFailure(endpoint: string, error: unknown): ProvisioningError | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const told = (as: 'link.no-network' | 'link.tls-refused' | 'link.refused' | 'link.clock-not-set', words: string) =>
    new ProvisioningError(as, `${endpoint}: ${words} (${code})`, { cause: error });
  const noNetwork = NO_NETWORK[code];
  if (noNetwork !== undefined) return told('link.no-network', noNetwork);
  const certificate = SERVER_CERTIFICATE[code];
  if (certificate !== undefined) return told('link.tls-refused', certificate);
  // No server has a certificate from the future: our clock is behind.
  if (code === 'CERT_NOT_YET_VALID') return told('link.clock-not-set', "the server's certificate is not valid yet");
  if (ABOUT_OUR_CERTIFICATE.test(code)) return told('link.refused', 'the server does not take our certificate');
  if (/^(ERR_SSL_|ERR_TLS_|CERT_|EPROTO)/.test(code)) return told('link.tls-refused', 'no agreement on TLS');
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

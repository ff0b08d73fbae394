import { z } from 'zod';

/** The id of an AWS IoT certificate: the SHA-256 of its DER form. */
export const CertificateIdSchema = z.string().regex(/^[0-9a-f]{64}$/, 'not 64 lower-case hex digits');

/** The fleet provisioning template by which a hub registers its next certificate, connected by the one that it has. */
export const ROTATION_TEMPLATE_NAME = 'inklet-hub-rotation';

/**
 * `POST /v1/certificates/commit`, by a device token of the new certificate's key: the hub works with the new pair, and the
 * old certificate may go. The same again answers alike.
 */
export const CommitCertificateSchema = z.object({
  replaces: CertificateIdSchema.describe('the certificate that the hub had before'),
});

/** What the commit has done. Until it is answered the hub keeps both pairs. */
export const CommittedCertificateSchema = z.object({
  certificateId: CertificateIdSchema.describe("the hub's certificate from now on"),
  replaced: CertificateIdSchema.describe('no longer good'),
});

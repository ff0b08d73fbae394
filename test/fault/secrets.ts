import { createPrivateKey } from 'node:crypto';

/** Shorter pieces may stand in a text by chance, or in every key of a kind. */
const LEAST_LENGTH = 24;
/** The first 48 characters of every P-256 key in PKCS#8 are alike. */
const ALIKE = 48;
/** A key of any kind, and a JWT of any signer. */
const ALWAYS = [/PRIVATE KEY/, /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/];

/** What nobody may write down, and where it was written down after all. */
export class Secrets {
  /** Name of the secret by each of its forms. */
  readonly #forms = new Map<string, string>();

  /** An ownership token, a bearer token. */
  add(name: string, secret: string): void {
    if (secret.length >= LEAST_LENGTH) this.#forms.set(secret, name);
  }

  /** A key in PEM: its lines, and its private number in base64url and hex. Half a key is none yet, and is passed over. */
  addKey(name: string, keyPem: string): void {
    const number = privateNumberOf(keyPem);
    if (number === undefined) return;
    this.add(name, number);
    this.add(name, Buffer.from(number, 'base64url').toString('hex'));
    const body = keyPem.replaceAll(/-----[^-]+-----|\s/g, '');
    this.add(name, body.slice(ALIKE));
    for (const line of keyPem.split('\n').slice(1, -2)) this.add(name, line);
  }

  /** The names of what stands in a text. */
  in(text: string): string[] {
    const known = [...this.#forms].filter(([form]) => text.includes(form)).map(([, name]) => name);
    const always = ALWAYS.filter((pattern) => pattern.test(text)).map((pattern) => String(pattern));
    return [...new Set([...known, ...always])];
  }
}

function privateNumberOf(keyPem: string): string | undefined {
  try {
    return createPrivateKey(keyPem).export({ format: 'jwk' }).d;
  } catch {
    return undefined;
  }
}

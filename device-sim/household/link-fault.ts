/** What is wrong with a link, for all of its connections, until it is mended. */
export type LinkFault =
  /** Every connection breaks, and none is taken. */
  | { readonly kind: 'cut' }
  /** Connections stand and are taken, and whatever is said on them is swallowed, both ways; who mends it breaks them. */
  | { readonly kind: 'half-open' }
  /** Each way of each connection carries no more. */
  | { readonly kind: 'slow'; readonly bytesPerS: number }
  /** Every piece comes so much later. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Each connection is reset once so many more bytes have passed, which is asked for each connection. */
  | { readonly kind: 'lossy'; readonly resetAfterBytes: () => number };

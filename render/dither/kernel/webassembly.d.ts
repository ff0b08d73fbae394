/** What Node has of the WebAssembly JavaScript Interface (W3C, section 5) and its types leave out, as far as we use it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => { readonly [key: string]: never };
  Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

/**
 * What Node has of the WebAssembly JavaScript Interface (W3C, section 5) and its types leave out, as far as we use it:
 * for the one module that we build.
 */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => { readonly [key: string]: never };
  Instance: new (module: object, imports: object) => { readonly exports: KernelExports };
};

declare type KernelExports = Readonly<
  Record<'greyNormal' | 'greyStable' | 'colourNormal' | 'colourStable', (...places: number[]) => void>
> & { readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number } };

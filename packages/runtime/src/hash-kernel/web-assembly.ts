/** The part of WebAssembly that is used here; TypeScript declares it only for browsers. */
declare const WebAssembly: {
  Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => SharedMemory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: SharedMemory } },
  ) => { readonly exports: unknown };
};

/** A shared `WebAssembly.Memory`. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

export const PAGE_BYTES = 64 * 1024;

export function createSharedMemory(pages: number): SharedMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** @throws {WebAssembly.CompileError} where the processor lacks what the module uses. */
export function instantiate(module: Uint8Array<ArrayBuffer>, memory: SharedMemory): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports;
}

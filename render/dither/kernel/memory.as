// What memory.ts is in WebAssembly: the module's own memory.

@inline export function byteAt(at: i32): i32 { return load<u8>(at) }
@inline export function halfAt(at: i32): i32 { return load<u16>(at) }
@inline export function wordAt(at: i32): i32 { return load<i32>(at) }
@inline export function setByte(at: i32, value: i32): void { store<u8>(at, value) }
@inline export function setWord(at: i32, value: i32): void { store<i32>(at, value) }

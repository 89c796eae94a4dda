import type { BackendStep } from '../contract/backend-note.ts'

/** Memory that receives write to, and the form in which callbacks see it. */
export interface ReceiveMemory {
  readonly buffer: ArrayBuffer
  /** Whether no JavaScript can detach, move or resize it. Otherwise it never leaves the driver. */
  readonly isPinned: boolean
}

type MemoryConstructor = new (pages: {
  readonly initial: number
  readonly maximum: number
}) => { readonly buffer: ArrayBuffer }

/** The part of a runtime that makes this memory; empty with `--jitless`, which has no WebAssembly. */
export interface MemoryMaker {
  readonly Memory?: MemoryConstructor
}

const ofThisRuntime: MemoryMaker = (globalThis as { WebAssembly?: MemoryMaker }).WebAssembly ?? {}

const pageBytes = 64 * 1024

/** The name of the system error for which the last attempt got no pinned memory. */
let refusedWith: string | undefined

/**
 * The buffer of a WebAssembly.Memory has a detach key that no script has (WebAssembly JavaScript Interface, "create a
 * fixed length memory buffer"): `transfer`, `structuredClone` and `postMessage` throw or copy, and it works where
 * external buffers are refused (Electron), too. It lives for as long as the addon or a chunk refers to it. The Memory
 * itself, which detaches it when it grows, is dropped here.
 *
 * V8 reserves about 10 GiB of addresses for each, and no memory for them (`--disable-wasm-trap-handler`: the bytes
 * alone). A limit of addresses (`ulimit -v`) may refuse that.
 */
export function receiveMemory(bytes: number, { Memory }: MemoryMaker = ofThisRuntime): ReceiveMemory {
  const pinned = Memory !== undefined && canPin(Memory) ? allocate(Memory, bytes) : undefined
  return pinned === undefined
    ? { buffer: new ArrayBuffer(bytes), isPinned: false }
    : { buffer: pinned, isPinned: true }
}

/** Received bytes for a callback: a view if nobody can take the memory away, otherwise a copy. */
export function lend(memory: ReceiveMemory, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(memory.buffer, offset, length)
  return memory.isPinned ? bytes : bytes.slice()
}

/** The note of a back end: empty, or that it works without this memory. */
export function receiveMemorySteps({ Memory }: MemoryMaker = ofThisRuntime): readonly BackendStep[] {
  if (Memory === undefined) refusedWith = 'ENOSYS'
  else canPin(Memory)
  if (refusedWith === undefined) return []
  return [{ step: 'WebAssembly.Memory', required: false, ok: false, systemCode: refusedWith }]
}

const verdicts = new WeakMap<MemoryConstructor, boolean>()

/** Tried once, on one page, to check what the runtime promises. */
function canPin(Memory: MemoryConstructor): boolean {
  let verdict = verdicts.get(Memory)
  if (verdict === undefined) {
    const buffer = allocate(Memory, pageBytes)
    // A lack of memory now does not predict a later one.
    if (buffer === undefined) return false
    verdict = withstands(buffer)
    verdicts.set(Memory, verdict)
    if (!verdict) refusedWith = 'ENOTSUP'
  }
  return verdict
}

function allocate(Memory: MemoryConstructor, bytes: number): ArrayBuffer | undefined {
  const pages = Math.ceil(bytes / pageBytes)
  try {
    return new Memory({ initial: pages, maximum: pages }).buffer
  } catch {
    refusedWith = 'ENOMEM'
    return undefined
  }
}

function withstands(buffer: ArrayBuffer): boolean {
  const attempts = [
    () => structuredClone(buffer, { transfer: [buffer] }),
    () => (buffer as { transfer?(): ArrayBuffer }).transfer?.(),
  ]
  for (const attempt of attempts) {
    try {
      attempt()
    } catch {
      // A refusal is the expected result.
    }
  }
  return buffer.byteLength === pageBytes
}

import type { Socket } from 'node:net'
import type { CompletionPortCounters } from '../contract/completion-port.ts'
import { ChunkPool } from './send-chunks.ts'

/** The handles that `ref` and `unref` of a port affect. */
export interface Refable {
  ref(): unknown
  unref(): unknown
}

/** The state that the parts of one net driver share: the chunks, the live counters and the handles. */
export class NetState {
  readonly chunks = new ChunkPool()
  readonly #open = new Set<Refable>()
  /** The handles that were unref'd individually; they stay so when the port is ref'd. */
  readonly #unreferenced = new Set<Refable>()
  #referenced = true
  listeners = 0
  connections = 0
  operationsInFlight = 0

  /** A handle exists from here until {@link removed}. */
  added(handle: Refable): void {
    this.#open.add(handle)
    if (!this.#referenced) handle.unref()
  }

  removed(handle: Refable): void {
    this.#open.delete(handle)
    this.#unreferenced.delete(handle)
  }

  reference(referenced: boolean): void {
    this.#referenced = referenced
    for (const handle of this.#open) {
      if (referenced && !this.#unreferenced.has(handle)) handle.ref()
      else handle.unref()
    }
  }

  /** As {@link reference}, of one handle that is open. */
  referenceOne(handle: Refable, referenced: boolean): void {
    if (!this.#open.has(handle)) return
    if (referenced) this.#unreferenced.delete(handle)
    else this.#unreferenced.add(handle)
    if (referenced && this.#referenced) handle.ref()
    else handle.unref()
  }

  get counters(): CompletionPortCounters {
    return {
      listeners: this.listeners,
      connections: this.connections,
      operationsInFlight: this.operationsInFlight,
      buffersInUse: this.chunks.inUse,
      handles: this.#open.size,
      timers: 0,
    }
  }
}

/**
 * Closes a socket with RST. A pipe cannot be reset, and libuv refuses to reset after a shutdown (uv_tcp_close_reset):
 * then the descriptor is closed, and the kernel answers everything the peer still sends with RST.
 */
export function destroyWithReset(socket: Socket, canReset: boolean): void {
  if (canReset) socket.resetAndDestroy()
  else socket.destroy()
}

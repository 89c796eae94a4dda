import type { Socket } from 'node:net'
import type { CompletionPortCounters } from '../contract/completion-port.ts'
import { ChunkPool } from './send-chunks.ts'

/** What `ref` and `unref` of a port reach. */
export interface Refable {
  ref(): unknown
  unref(): unknown
}

/** What the parts of one net driver share: the chunks, the live counters and the handles. */
export class NetState {
  readonly chunks = new ChunkPool()
  readonly #open = new Set<Refable>()
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
  }

  reference(referenced: boolean): void {
    this.#referenced = referenced
    for (const handle of this.#open) {
      if (referenced) handle.ref()
      else handle.unref()
    }
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
 * Closes a socket with RST. A pipe has none, and libuv refuses one after a shutdown (uv_tcp_close_reset): there
 * the descriptor is closed, and the kernel answers whatever the peer still sends with RST.
 */
export function destroyWithReset(socket: Socket, canReset: boolean): void {
  if (canReset) socket.resetAndDestroy()
  else socket.destroy()
}

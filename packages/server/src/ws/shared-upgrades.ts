import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { refuseUpgrade } from './refuse-upgrade.ts'
import type { KnownPlace, WebSocketPlace } from './ws-options.ts'

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** By HTTP server. All its listeners share one object, so that it detects requests that no listener takes. */
const shared = new WeakMap<WebSocketPlace['server'], SharedUpgrades>()

/**
 * Registers a listener for the WebSocket requests at this path. Call the returned function to undo it.
 *
 * @throws Error if another listener has the path: both would answer, and the second answer throws
 */
export function takeUpgrades({ server, path }: KnownPlace, listener: UpgradeListener): () => void {
  const upgrades = shared.get(server) ?? new SharedUpgrades(server)
  return upgrades.take(path, listener)
}

class SharedUpgrades {
  readonly #server: WebSocketPlace['server']
  readonly #paths = new Map<string, UpgradeListener>()

  constructor(server: WebSocketPlace['server']) {
    this.#server = server
  }

  take(path: string, listener: UpgradeListener): () => void {
    if (this.#paths.has(path))
      throw new Error(
        `another Frameport listener of this HTTP server already uses the path ${path}: close that listener, or give another path`,
      )
    if (this.#paths.size === 0) {
      shared.set(this.#server, this)
      this.#server.on('upgrade', this.#upgrade)
    }
    this.#paths.set(path, listener)
    return () => {
      // Another listener may have the path by now.
      if (this.#paths.get(path) !== listener) return
      this.#paths.delete(path)
      if (this.#paths.size > 0) return
      this.#server.off('upgrade', this.#upgrade)
      shared.delete(this.#server)
    }
  }

  readonly #upgrade: UpgradeListener = (request, socket, head) => {
    const listener = this.#paths.get(pathOf(request))
    if (listener !== undefined) listener(request, socket, head)
    // Other code may handle the request. Without a handler, it would wait forever.
    else if (this.#server.listenerCount('upgrade') === 1)
      refuseUpgrade(socket, '404 Not Found', 'there is no WebSocket at this path')
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] as string
}

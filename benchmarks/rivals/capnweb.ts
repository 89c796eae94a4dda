import { newWebSocketRpcSession, type RpcStub, RpcTarget } from 'capnweb'
import { WebSocket as WsSocket } from 'ws'
import { Reading, readingOf } from '../support/message.ts'
import type { Connection, Contestant } from '../support/rival/contestant.ts'
import { listenForWebSockets, openWebSocket } from './web-sockets.ts'

/**
 * Cap'n Web over ws (https://github.com/cloudflare/capnweb#http-server-on-nodejs). Streams and uploads are its streams with flow
 * control (https://github.com/cloudflare/capnweb#streaming-with-flow-control); an event is a call of a function that the client
 * has passed, of which the server keeps a `dup()` (https://github.com/cloudflare/capnweb#memory-management). Its types are not
 * checked at run time (https://github.com/cloudflare/capnweb#security-considerations), so the schema is applied on both sides.
 */
/** It reads the class of the web, which Node.js 20 does not have. */
globalThis.WebSocket ??= WsSocket as unknown as typeof WebSocket

type Listener = (event: Reading) => void
const subscribers = new Set<RpcStub<Listener>>()

class House extends RpcTarget {
  set(message: unknown): Reading {
    return Reading.parse(message)
  }

  readings(items: number): ReadableStream<Reading> {
    let number = 0
    return new ReadableStream({
      pull(controller) {
        if (number === items) controller.close()
        else controller.enqueue(readingOf(number++))
      },
    })
  }

  async put(chunks: ReadableStream<Uint8Array>): Promise<number> {
    let count = 0
    for await (const chunk of chunks) count += chunk.length
    return count
  }

  subscribe(listener: RpcStub<Listener>): void {
    subscribers.add(listener.dup())
  }

  announce(message: unknown): void {
    const event = Reading.parse(message)
    for (const listener of subscribers) void listener(event)
  }
}

/** The documentation casts here, too: ws has a type of its own. */
const browserSocket = (socket: WsSocket) => socket as unknown as WebSocket

export const contestant: Contestant = {
  async serve() {
    const { server, port } = await listenForWebSockets()
    server.on('connection', (socket) => newWebSocketRpcSession(browserSocket(socket), new House()))
    return { port }
  },

  async connect(port): Promise<Connection> {
    const house = newWebSocketRpcSession<House>(browserSocket(await openWebSocket(port)))
    return {
      call: async (message) => Reading.parse(await house.set(message)),
      async stream(items, onItem) {
        const readings = (await house.readings(items)) as unknown as ReadableStream<unknown>
        for await (const item of readings) onItem(Reading.parse(item))
      },
      upload: async (chunks) => await house.put(streamOf(chunks)),
      subscribe: async (onEvent) => void (await house.subscribe(listenerOf(onEvent))),
      announce: async (message) => void (await house.announce(message)),
    }
  },
}

const listenerOf = (onEvent: Listener) =>
  ((event: unknown) => onEvent(Reading.parse(event))) as unknown as RpcStub<Listener>

function streamOf(chunks: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.iterator]()
  return new ReadableStream({
    pull(controller) {
      const { value, done } = iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
  })
}

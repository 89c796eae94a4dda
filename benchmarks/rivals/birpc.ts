import { type BirpcReturn, createBirpc } from 'birpc'
import type { WebSocket } from 'ws'
import { Reading } from '../support/message.ts'
import type { Connection, Contestant } from '../support/rival/contestant.ts'
import { listenForWebSockets, openWebSocket } from './web-sockets.ts'

/**
 * birpc over ws, with JSON (https://github.com/antfu-collective/birpc#using-websocket). An event is a call of the client's function
 * without an answer (`asEvent`). It has no streams and no uploads.
 */
interface ServerFunctions {
  set(message: unknown): Reading
  subscribe(): void
  announce(message: unknown): void
}

interface ClientFunctions {
  told(event: unknown): void
}

const channelOver = (socket: WebSocket) => ({
  post: (data: string) => socket.send(data),
  on: (take: (data: unknown) => void) => socket.on('message', take),
  serialize: (value: unknown) => JSON.stringify(value),
  deserialize: (data: unknown) => JSON.parse(String(data)),
})

export const contestant: Contestant = {
  async serve() {
    const { server, port } = await listenForWebSockets()
    const subscribers = new Set<BirpcReturn<ClientFunctions, ServerFunctions>>()
    server.on('connection', (socket) => {
      const functions: ServerFunctions = {
        set: (message) => Reading.parse(message),
        subscribe: () => void subscribers.add(client),
        announce(message) {
          const event = Reading.parse(message)
          for (const subscriber of subscribers) void subscriber.told.asEvent(event)
        },
      }
      const client = createBirpc<ClientFunctions, ServerFunctions>(functions, channelOver(socket))
      socket.on('close', () => subscribers.delete(client))
    })
    return { port }
  },

  async connect(port): Promise<Connection> {
    const socket = await openWebSocket(port)
    let onTold: (event: Reading) => void = () => {}
    const functions: ClientFunctions = { told: (event) => onTold(Reading.parse(event)) }
    const server = createBirpc<ServerFunctions, ClientFunctions>(functions, channelOver(socket))
    return {
      call: async (message) => Reading.parse(await server.set(message)),
      async subscribe(onEvent) {
        onTold = onEvent
        await server.subscribe()
      },
      announce: async (message) => void (await server.announce(message)),
    }
  },
}

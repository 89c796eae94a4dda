import type { WebSocket } from 'ws'
import { Reading } from '../support/message.ts'
import type { Connection, Contestant } from '../support/rival/contestant.ts'
import { listenForWebSockets, openWebSocket } from './web-sockets.ts'

/**
 * ws by hand: what its README shows for a broadcast (https://github.com/websockets/ws#server-broadcast), with the text of an event made once for all. A
 * message says what it is, and calls have a number. There are no streams, no uploads, no heartbeats, and nothing that stops a slow subscriber from filling the memory.
 */
interface Said {
  readonly kind: 'set' | 'announce' | 'subscribe'
  readonly number: number
  readonly message?: unknown
}

export const contestant: Contestant = {
  async serve() {
    const { server, port } = await listenForWebSockets()
    const subscribers = new Set<WebSocket>()
    server.on('connection', (socket) => {
      socket.on('close', () => subscribers.delete(socket))
      socket.on('message', (data) => {
        const { kind, number, message } = JSON.parse(String(data)) as Said
        if (kind === 'subscribe') subscribers.add(socket)
        if (kind === 'announce') {
          const text = JSON.stringify({ kind: 'told', message: Reading.parse(message) })
          for (const subscriber of subscribers) subscriber.send(text)
        }
        socket.send(JSON.stringify(kind === 'set' ? { number, message: Reading.parse(message) } : { number }))
      })
    })
    return { port }
  },

  async connect(port): Promise<Connection> {
    const socket = await openWebSocket(port)
    const waiting = new Map<number, (message: unknown) => void>()
    let onTold: (event: Reading) => void = () => {}
    let lastNumber = 0
    socket.on('message', (data) => {
      const { kind, number, message } = JSON.parse(String(data))
      if (kind === 'told') return onTold(Reading.parse(message))
      waiting.get(number)?.(message)
      waiting.delete(number)
    })
    const ask = (kind: Said['kind'], message?: Reading) =>
      new Promise<unknown>((resolve) => {
        lastNumber += 1
        waiting.set(lastNumber, resolve)
        socket.send(JSON.stringify({ kind, number: lastNumber, message }))
      })
    return {
      call: async (message) => Reading.parse(await ask('set', message)),
      async subscribe(onEvent) {
        onTold = onEvent
        await ask('subscribe')
      },
      announce: async (message) => void (await ask('announce', message)),
    }
  },
}

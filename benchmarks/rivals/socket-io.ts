import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { z } from 'zod'
import { areHeartbeatsOff } from '../support/heartbeats-option.ts'
import { Reading, readingOf } from '../support/message.ts'
import { type Connection, type Contestant, host } from '../support/rival/contestant.ts'

/**
 * Socket.IO with acknowledgements as calls (https://socket.io/docs/v4/emitting-events/#acknowledgements) and rooms for events
 * (https://socket.io/docs/v4/rooms/). WebSocket alone, without the polling in front of it
 * (https://socket.io/docs/v4/client-options/#transports), `perMessageDeflate` off, as it is by default
 * (https://socket.io/docs/v4/server-options/#permessagedeflate), and bufferutil beside ws
 * (https://socket.io/docs/v4/performance-tuning/#install-ws-native-add-ons). `forceNew`: a connection each
 * (https://socket.io/docs/v4/client-options/#forcenew). A stream is an event for each item and an acknowledgement at the
 * end, without back-pressure; there are no uploads.
 */
const Amount = z.object({ items: z.number().int() })
const transports = ['websocket']
const dayMs = 86_400_000
/** After so many items the loop runs on, or heartbeats would wait for the end of a stream. */
const itemsOfTurn = 1000

export const contestant: Contestant = {
  async serve() {
    const http = createServer()
    const server = new Server(http, {
      transports: ['websocket'],
      serveClient: false,
      ...(areHeartbeatsOff ? { pingInterval: dayMs } : {}),
    })
    server.on('connection', (socket) => {
      socket.on('set', (data, answer) => answer(Reading.parse(data)))
      socket.on('readings', async (data, answer) => {
        const { items } = Amount.parse(data)
        for (let number = 0; number < items; number++) {
          socket.emit('item', readingOf(number))
          if (number % itemsOfTurn === 0) await nextTurn()
        }
        answer()
      })
      socket.on('subscribe', async (answer) => {
        await socket.join('told')
        answer()
      })
      socket.on('announce', (data, answer) => {
        server.to('told').emit('told', Reading.parse(data))
        answer()
      })
    })
    http.listen({ host, port: 0, backlog: 1024 })
    await once(http, 'listening')
    return { port: (http.address() as AddressInfo).port }
  },

  async connect(port): Promise<Connection> {
    const socket = io(`http://${host}:${port}`, { transports, forceNew: true })
    await connected(socket)
    return {
      call: async (message) => Reading.parse(await socket.emitWithAck('set', message)),
      async stream(items, onItem) {
        const take = (item: unknown) => onItem(Reading.parse(item))
        socket.on('item', take)
        await socket.emitWithAck('readings', { items })
        socket.off('item', take)
      },
      async subscribe(onEvent) {
        socket.on('told', (event) => onEvent(Reading.parse(event)))
        await socket.emitWithAck('subscribe')
      },
      announce: (message) => socket.emitWithAck('announce', message),
    }
  },
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
}

import { EventEmitter, on, once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createFileRegistry, type DescService, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { createClient } from '@connectrpc/connect'
import { connectNodeAdapter, createConnectTransport } from '@connectrpc/connect-node'
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader'
import { Reading, readingOf } from '../support/message.ts'
import { type Connection, type Contestant, host } from '../support/rival/contestant.ts'

/**
 * Connect-ES over HTTP/2 without TLS (https://connectrpc.com/docs/node/server-plugins/#vanilla-nodejs,
 * https://connectrpc.com/docs/node/using-clients/#connect), with its binary format, which is the default of its client for Node.js. The
 * descriptors are those that generated code holds (https://github.com/bufbuild/protobuf-es/blob/main/MANUAL.md#registries), read from
 * the same file as those of grpc-js. A transport has its own connection. Nothing is
 * compressed: `acceptCompression` is empty on both sides (https://connectrpc.com/docs/node/using-clients/#compression), as
 * `perMessageDeflate` is off elsewhere. Version 2.1: later ones want Node.js 22.
 */
const told = new EventEmitter().setMaxListeners(0)
const House = serviceOf('rivals/house.proto', 'house.House')

function serviceOf(file: string, name: string): DescService {
  const [message] = Object.values(loadSync(file)).filter((loaded) => 'fileDescriptorProtos' in loaded)
  const bytes = (message as MessageTypeDefinition<object, object> | undefined)?.fileDescriptorProtos[0]
  if (bytes === undefined) throw new Error(`${file} has no messages.`)
  const registry = createFileRegistry(fromBinary(FileDescriptorProtoSchema, bytes), () => undefined)
  const service = registry.getService(name)
  if (service === undefined) throw new Error(`${file} has no service ${name}.`)
  return service
}

const handlers = {
  set: (message: object) => Reading.parse(message),
  async *readings({ items }: { readonly items: number }) {
    for (let number = 0; number < items; number++) yield readingOf(number)
  },
  async put(chunks: AsyncIterable<{ readonly data: Uint8Array }>) {
    let bytes = 0
    for await (const { data } of chunks) bytes += data.length
    return { bytes }
  },
  async *told(_: object, { signal }: { readonly signal: AbortSignal }) {
    const events = on(told, 'told', { signal })
    yield readingOf(0)
    for await (const [event] of events) yield event as Reading
  },
  announce(message: object) {
    told.emit('told', Reading.parse(message))
    return {}
  },
}

/** What the client of a service without generated types has. */
interface Client {
  set(message: object): Promise<object>
  announce(message: object): Promise<object>
  readings(amount: object): AsyncIterable<object>
  told(nothing: object): AsyncIterable<object>
  put(chunks: AsyncIterable<object>): Promise<{ readonly bytes: number }>
}

export const contestant: Contestant = {
  async serve() {
    const server = createServer(
      connectNodeAdapter({
        routes: (router) => void router.service(House, handlers as never),
        acceptCompression: [],
      }),
    )
    server.listen({ host, port: 0, backlog: 1024 })
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port }
  },

  async connect(port): Promise<Connection> {
    const transport = createConnectTransport({
      baseUrl: `http://${host}:${port}`,
      httpVersion: '2',
      acceptCompression: [],
    })
    const client = createClient(House, transport) as unknown as Client
    await client.set(readingOf(0))
    return {
      call: async (message) => Reading.parse(await client.set(message)),
      async stream(items, onItem) {
        for await (const item of client.readings({ items })) onItem(Reading.parse(item))
      },
      upload: async (chunks) => (await client.put(messagesOf(chunks))).bytes,
      async subscribe(onEvent) {
        const events = client.told({})[Symbol.asyncIterator]()
        await events.next()
        void takeAll(events, onEvent)
      },
      announce: async (message) => void (await client.announce(message)),
    }
  },
}

async function takeAll(events: AsyncIterator<object>, onEvent: (event: Reading) => void): Promise<void> {
  for (let next = await events.next(); next.done !== true; next = await events.next())
    onEvent(Reading.parse(next.value))
}

async function* messagesOf(chunks: Iterable<Uint8Array>): AsyncGenerator<object> {
  for (const data of chunks) yield { data }
}

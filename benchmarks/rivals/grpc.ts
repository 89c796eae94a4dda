import { once } from 'node:events'
import {
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { Reading, readingOf } from '../support/message.ts'
import { type Connection, type Contestant, host } from '../support/rival/contestant.ts'

/**
 * grpc-js with definitions that are loaded at run time (https://grpc.io/docs/languages/node/basics/). Each client has its own
 * connection: `grpc.use_local_subchannel_pool` (https://github.com/grpc/grpc-node/tree/master/packages/grpc-js#supported-channel-options). Streams write
 * until `write` says false and go on at `drain`; channels are reused (https://grpc.io/docs/guides/performance/). Protobuf has checked the types;
 * the schema is applied behind it as everywhere. Events are a stream that does not end.
 */
const proto = loadPackageDefinition(loadSync('rivals/house.proto', { defaults: true }))
const { House } = proto.house as unknown as { readonly House: ServiceClientConstructor }

type Answer = sendUnaryData<object>

const subscribers = new Set<ServerWritableStream<object, object>>()

const handlers = {
  set(call: ServerUnaryCall<object, object>, answer: Answer) {
    answer(null, Reading.parse(call.request))
  },
  async readings(call: ServerWritableStream<{ readonly items: number }, object>) {
    for (let number = 0; number < call.request.items; number++)
      if (!call.write(readingOf(number))) await once(call, 'drain')
    call.end()
  },
  put(call: ServerReadableStream<{ readonly data: Uint8Array }, object>, answer: Answer) {
    let bytes = 0
    call.on('data', ({ data }: { readonly data: Uint8Array }) => {
      bytes += data.length
    })
    call.on('end', () => answer(null, { bytes }))
  },
  told(call: ServerWritableStream<object, object>) {
    subscribers.add(call)
    call.on('cancelled', () => subscribers.delete(call))
    call.write(readingOf(0))
  },
  announce(call: ServerUnaryCall<object, object>, answer: Answer) {
    const event = Reading.parse(call.request)
    for (const subscriber of subscribers) subscriber.write(event)
    answer(null, {})
  },
}

interface Client {
  waitForReady(deadline: Date, onReady: (error?: Error) => void): void
  set(message: object, onAnswer: Answered): void
  announce(message: object, onAnswer: Answered): void
  readings(amount: object): ClientReadableStream<object>
  told(nothing: object): ClientReadableStream<object>
  put(onAnswer: Answered): ClientWritableStream<object>
}
type Answered = (error: Error | null, answer: object) => void

export const contestant: Contestant = {
  async serve() {
    const server = new Server()
    server.addService(House.service, handlers)
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound)
        else reject(error)
      })
    })
    return { port }
  },

  async connect(port): Promise<Connection> {
    const options = { 'grpc.use_local_subchannel_pool': 1 }
    const client = new House(`${host}:${port}`, credentials.createInsecure(), options) as unknown as Client
    await new Promise<void>((resolve, reject) => {
      const deadline = new Date(Date.now() + 30_000)
      client.waitForReady(deadline, (error) => (error === undefined ? resolve() : reject(error)))
    })
    return {
      call: async (message) => Reading.parse(await answerTo((answered) => client.set(message, answered))),
      stream: (items, onItem) =>
        new Promise((resolve, reject) => {
          const stream = client.readings({ items })
          stream.on('data', (item) => onItem(Reading.parse(item)))
          stream.on('end', resolve)
          stream.on('error', reject)
        }),
      async upload(chunks) {
        let call: ClientWritableStream<object> | undefined
        const answered = answerTo((onAnswer) => {
          call = client.put(onAnswer)
        })
        for (const data of chunks) if (!call!.write({ data })) await once(call!, 'drain')
        call!.end()
        return ((await answered) as { readonly bytes: number }).bytes
      },
      subscribe: (onEvent) =>
        new Promise((resolve, reject) => {
          const stream = client.told({})
          stream.once('data', () => {
            stream.on('data', (event) => onEvent(Reading.parse(event)))
            resolve()
          })
          stream.on('error', reject)
        }),
      announce: async (message) => void (await answerTo((answered) => client.announce(message, answered))),
    }
  },
}

function answerTo(ask: (answered: Answered) => void): Promise<object> {
  return new Promise((resolve, reject) => {
    ask((error, answer) => (error === null ? resolve(answer) : reject(error)))
  })
}

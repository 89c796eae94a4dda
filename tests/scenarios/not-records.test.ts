import { createClient } from '@frameport/client'
import { tcp as connectTo } from '@frameport/client/tcp'
import { attachFrames, FrameDecoder, FrameEncoder, FrameWriter, openFrames } from '@frameport/framing'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { tcp as listenOn } from '@frameport/server/tcp'
import { createMemoryChannels, createMemoryPair, createVirtualClock } from '@frameport/testing'
import { createTestClient } from '@frameport/testing/client'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const desk = contract('desk', {
  version: 1,
  procedures: { sit: procedure({}) },
  clientProcedures: { ask: procedure({ input: z.string() }) },
})
const implementation = implement(desk).handlers({ sit: () => undefined })
const procedures = { sit: procedure({}) }
const client = (options: object) => createClient(desk, createMemoryPair().a, { ...options } as never)
const sink = { write: () => 0 }
const tcp = 'tcp://127.0.0.1:1'

/** Functions that accept an object with named members. `given` takes its place. */
const takers: Readonly<Record<string, (given: never) => unknown>> = {
  'the options of createServer': (given) => createServer(implementation, given),
  'the limits of createServer': (limits) => createServer(implementation, { limits }),
  'clientCalls of createServer': (clientCalls) => createServer(implementation, { clientCalls }),
  'the facts that accept gets about a connection': (from) =>
    createServer(implementation).accept(createMemoryPair().a, from),
  'the options of createClient': (given) => createClient(desk, createMemoryPair().a, given),
  'the limits of createClient': (limits) => client({ limits }),
  'the metadata of createClient': (metadata) => client({ metadata }),
  'the handlers of createClient': (handlers) => client({ handlers }),
  'the options of a connector': (given) => connectTo(tcp, given),
  'the options of an acceptor': (given) => listenOn(tcp, given),
  'the options of a test client': (given) => createTestClient(implementation, given),
  'the network of a test client': (network) => createTestClient(implementation, { network }),
  'the server of a test client': (server) => createTestClient(implementation, { server }),
  'the options of a pair': (given) => createMemoryPair(given),
  'the options of channels': (given) => createMemoryChannels(given),
  'the options of a clock': (given) => createVirtualClock(given),
  'the options of a decoder': (given) => new FrameDecoder(given),
  'the options of an encoder': (given) => new FrameEncoder(given),
  'the options of attachFrames': (given) => attachFrames(createMemoryPair().a, given),
  'the options of openFrames': (given) => openFrames(createMemoryPair().a, given),
  'the options of a FrameWriter': (given) => new FrameWriter(sink, given),
  'the definition of a contract': (given) => contract('a', given),
  'the events of a contract': (events) => contract('a', { version: 1, procedures, events }),
  'the definition of a procedure': (given) => procedure(given),
  'the errors of a procedure': (errors) => procedure({ errors }),
  'the options of an event': (given) => event(z.string(), given),
  'the handlers of a contract': (given) => implement(desk).handlers(given),
}

class Empty {
  readonly #held = 1
  held() {
    return this.#held
  }
}

describe.each<[string, () => unknown]>([
  ['a Map', () => new Map([['a', 'b']])],
  ['a Promise', () => Promise.resolve({})],
  ['an AbortSignal', () => new AbortController().signal],
  ['an object without members of its own', () => new Empty()],
])('%s', (shown, make) => {
  it.each(Object.entries(takers))('is refused as %s', (_, take) => {
    expect(() => take(make() as never)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^INVALID_(?:OPTION|LIMITS|CONTRACT)$/),
        message: expect.stringContaining(`${shown}, not a plain object`),
      }),
    )
  })

  it('is refused as options of a call, as metadata, and as options of $close()', async () => {
    const calls = createTestClient(implementation)
    const refused = {
      name: 'RpcError',
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`${shown}, not a plain object`),
    }
    await expect(calls.sit(make() as never)).rejects.toMatchObject(refused)
    await expect(calls.sit({ metadata: make() as never })).rejects.toMatchObject(refused)
    await expect(calls.$close(make() as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`${shown}, not a plain object`),
    })
    await calls.$close()
  })
})

it('handlers may be methods of a class, and options may be members of an instance', async () => {
  class Handlers {
    sit() {
      return undefined
    }
  }
  class Limits {
    readonly callsInFlightMax = 5
  }
  const calls = createTestClient(implement(desk).handlers(new Handlers()), {
    server: { limits: new Limits() },
  })
  expect(await calls.sit()).toBeUndefined()
  await calls.$close()
})

import assert from 'node:assert/strict'
import { injectionOf } from '../../conformance/injection/points.ts'
import { pattern } from '../../conformance/support/bytes.ts'
import { accepting, pair } from '../../conformance/support/pair.ts'
import { type CompletionPort, createCompletionPort } from '../../src/index.ts'
import { type ProgramCase, runCases } from './support/run-cases.ts'

/*
 * Checks the calls and options that iocp asks of Windows. Only Windows itself would show their effect: Wine ignores
 * most. The rules and their sources are in ADR 20. Needs an addon of the variant inject.
 */
const injection = injectionOf()
// Numbers of winsock2.h, mstcpip.h, mswsock.h and ws2ipdef.h.
const initialRto = `WSAIoctl ${0x98000011}`
const baseHandle = `WSAIoctl ${0x48000022}`
const exclusive = `setsockopt SOL_SOCKET ${~4}`
const reuseAddress = 'setsockopt SOL_SOCKET 4'
const sendBuffer = `setsockopt SOL_SOCKET ${0x1001}`
const reuseUnicastPort = `setsockopt SOL_SOCKET ${0x3007}`
const ipv6Only = 'setsockopt of a protocol 27'
const loopback = 0x7f000001

async function askedBy(
  run: (port: CompletionPort) => Promise<void>,
  workers = 1,
): Promise<readonly string[]> {
  injection.asked()
  const port = createCompletionPort({ backend: 'iocp', workers })
  try {
    await run(port)
  } finally {
    await port.close()
  }
  return injection.asked()
}

function asks(asked: readonly string[], call: string): void {
  assert.ok(asked.includes(call), `${call} is not among: ${asked.join(', ')}`)
}

function doesNotAsk(asked: readonly string[], call: string): void {
  assert.ok(!asked.includes(call), `${call} is among: ${asked.join(', ')}`)
}

async function oneConnection(port: CompletionPort): Promise<void> {
  const { client, server } = await pair(port)
  client.abort()
  server.abort()
}

function connectRefused(endpoint: string): (port: CompletionPort) => Promise<void> {
  return async (port) => {
    await port.connect(endpoint, { timeoutMs: 200 }).then(
      (connection) => connection.abort(),
      () => undefined,
    )
  }
}

const cases: readonly ProgramCase[] = [
  {
    name: 'a backlog over 200 is asked for as SOMAXCONN_HINT, a smaller one as it is',
    async run() {
      const listen = (backlog: number) =>
        askedBy(async (port) => void (await port.listen('tcp://127.0.0.1:0', () => undefined, { backlog })))
      for (const backlog of [201, 511, 65_535]) asks(await listen(backlog), `listen ${-backlog}`)
      for (const backlog of [1, 200]) asks(await listen(backlog), `listen ${backlog}`)
    },
  },
  {
    name: 'a listener asks for neither SO_EXCLUSIVEADDRUSE nor SO_REUSEADDR',
    async run() {
      const asked = await askedBy(oneConnection)
      doesNotAsk(asked, exclusive)
      doesNotAsk(asked, reuseAddress)
    },
  },
  {
    name: 'a send buffer keeps the size that Windows adapts',
    async run() {
      const asked = await askedBy(async (port) => {
        const { client, server } = await pair(port)
        client.send(pattern(2_000_000))
        client.abort()
        server.abort()
      })
      doesNotAsk(asked, sendBuffer)
    },
  },
  {
    name: 'a connect shares its port, and an IPv6 one takes IPv4, before it is bound',
    async run() {
      const asked = await askedBy(connectRefused('tcp://[::1]:1'))
      asks(asked, reuseUnicastPort)
      asks(asked, ipv6Only)
      doesNotAsk(await askedBy(connectRefused('tcp://127.0.0.1:1')), ipv6Only)
    },
  },
  {
    name: 'a connect to this machine fails fast, and no other',
    async run() {
      for (const host of ['127.0.0.1', '127.1.2.3', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '[::]']) {
        asks(await askedBy(connectRefused(`tcp://${host}:1`)), initialRto)
      }
      // An address for documentation (RFC 5737): the injection refuses the connect before anything is sent.
      injection.armKind('connect', 1)
      const asked = await askedBy(connectRefused('tcp://192.0.2.1:1'))
      asks(asked, `ConnectEx to ${0xc0000201}`)
      doesNotAsk(asked, initialRto)
    },
  },
  {
    name: 'a connect to every address goes to the loopback address of its kind',
    async run() {
      asks(await askedBy(connectRefused('tcp://0.0.0.0:1')), `ConnectEx to ${loopback}`)
      asks(await askedBy(connectRefused('tcp://[::]:1')), 'ConnectEx to IPv6 1')
      asks(await askedBy(connectRefused('tcp://[::ffff:0.0.0.0]:1')), `ConnectEx to IPv6 ${loopback}`)
      asks(await askedBy(connectRefused('tcp://127.9.9.9:1')), `ConnectEx to ${0x7f090909}`)
    },
  },
  {
    name: 'the port has room for its workers and for the thread of JavaScript',
    async run() {
      for (const workers of [1, 2]) {
        asks(await askedBy(async () => undefined, workers), `CreateIoCompletionPort threads ${workers + 1}`)
      }
    },
  },
  {
    name: 'below a layered provider a cancel is asked for at the base handle, too, and nowhere else',
    async run() {
      const stalled = async (port: CompletionPort) => {
        const { listener, next } = await accepting(port)
        const client = await port.connect(listener.endpoint)
        const server = await next()
        client.send(pattern(8_000_000))
        client.abort()
        server.abort()
        await listener.close()
      }
      doesNotAsk(await askedBy(stalled), baseHandle)
      injection.armKind('layered provider', 0xffff_ffff)
      injection.armKind('cancel', 0xffff_ffff)
      asks(await askedBy(stalled), baseHandle)
      injection.disarm()
    },
  },
]

await runCases(cases)

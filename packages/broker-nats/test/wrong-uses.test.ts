import { expect, test } from 'vitest'
import { describeWithNats } from '../../../tests/support/nats-server.ts'
import { connectNats, NatsBrokerError, type NatsBrokerOptions, type NatsLogOptions } from '../src/index.ts'
import { connection, natsServer } from './support/opened.ts'

const timerMsMax = 2 ** 31 - 1

async function refusalOf(use: () => Promise<unknown>): Promise<string> {
  try {
    await use()
  } catch (error) {
    if (!NatsBrokerError.is(error)) throw error
    return `${error.code}: ${error.message}`
  }
  return 'nothing was refused'
}

const throwing = {
  get prefix(): string {
    throw new Error('from the getter')
  },
}

const milliseconds = (
  ['requestTimeoutMs', 'connectTimeoutMs', 'pingIntervalMs', 'reconnectDelayMs'] as const
).flatMap((name) =>
  [0, timerMsMax + 1, 1e300, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null].map(
    (value) => [{ [name]: value }, `not an integer from 1 to ${timerMsMax}`] as const,
  ),
)

const wrongConnects: readonly (readonly [options: unknown, text: string])[] = [
  [null, 'the options of connectNats is null, not an object'],
  ['nats://127.0.0.1', 'not an object'],
  [{ server: 'nats://127.0.0.1' }, 'options has no "server": did you mean servers?'],
  [new Map(), 'options is'],
  [throwing, 'prefix throws when it is read'],
  [{ servers: 5 }, 'servers is 5, not an address or a list of addresses'],
  [{ servers: [] }, 'not an address or a list of addresses'],
  [{ servers: '' }, 'servers[0] is "", not an address such as nats://10.0.0.1:4222'],
  [{ servers: ['nats://127.0.0.1', 5] }, 'servers[1] is 5, not an address'],
  [{ servers: 'http://127.0.0.1' }, 'not an address such as nats://10.0.0.1:4222'],
  [{ servers: 'ws://127.0.0.1' }, 'not an address such as nats://10.0.0.1:4222'],
  [
    { servers: 'nats://ada:secret@127.0.0.1' },
    'servers[0] contains a user: give user and pass in connection',
  ],
  [{ prefix: '' }, 'prefix is "", not 1 to 32 letters, digits, _ and -'],
  [{ prefix: 'a.b' }, 'prefix is "a.b", not 1 to 32'],
  [{ prefix: '*' }, 'not 1 to 32'],
  [{ prefix: 'x'.repeat(33) }, 'not 1 to 32'],
  [{ prefix: 'x'.repeat(10_000) }, 'not 1 to 32'],
  [{ prefix: null }, 'prefix is null'],
  [{ limits: 5 }, 'limits is 5'],
  [{ limits: { waitingBytes: 1 } }, 'limits has no "waitingBytes": did you mean waitingBytesMax?'],
  [{ limits: { waitingBytesMax: 0 } }, 'waitingBytesMax is 0, not a positive integer'],
  [{ limits: { readingsMax: 1.5 } }, 'readingsMax is 1.5, not a positive integer'],
  [{ limits: { readingsMax: 2 ** 53 } }, 'not a positive integer'],
  [{ onStateChange: 'log' }, 'onStateChange is "log", not a function'],
  [{ connection: 'x' }, 'connection is'],
  [
    { connection: { noEcho: false } },
    'connection.noEcho is not allowed: a server never receives its own events',
  ],
  [{ connection: { reconnect: false } }, 'connection.reconnect is not allowed'],
  [{ connection: { servers: [] } }, 'give servers next to connection'],
  ...milliseconds,
]

test.each(wrongConnects.map(([options, text]) => [text, options] as const))(
  'connectNats() says: %s',
  async (text, options) => {
    const refusal = await refusalOf(() => connectNats(options as NatsBrokerOptions))
    expect(refusal).toMatch(/^INVALID_OPTION: /)
    expect(refusal).toContain(text)
  },
)

test('a missing server causes an error with its address and the cause', async () => {
  const failure = await connectNats({ servers: 'nats://127.0.0.1:1', connectTimeoutMs: 1_000 }).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 'CONNECT_FAILED', cause: expect.any(Error) })
  expect((failure as Error).message).toContain('nats://127.0.0.1:1')
})

describeWithNats('the options of a connection and a log', () => {
  const wrongLogs: readonly (readonly [options: unknown, text: string])[] = [
    [null, 'the options of log is null, not an object'],
    [{ stream: 'x' }, 'options has no "stream"'],
    [{ name: 'a b' }, 'name is "a b", not 1 to 32 letters, digits, _ and -'],
    [{ name: 'x'.repeat(33) }, 'not 1 to 32'],
    [{ storage: 'disk' }, 'storage is "disk", not one of file, memory'],
    [{ replicas: 0 }, 'replicas is 0, not an integer from 1 to 5'],
    [{ replicas: 6 }, 'replicas is 6'],
    [{ replicas: '1' }, 'replicas is "1"'],
    [{ limits: { ageMS: 1 } }, 'limits has no "ageMS": did you mean ageMs?'],
    [{ limits: { ageMs: 99 } }, 'limits.ageMs is 99, not an integer from 100 to 9000000000000'],
    [{ limits: { ageMs: 9_000_000_000_001 } }, 'limits.ageMs is 9000000000001'],
    [{ limits: { eventsMax: 0 } }, 'eventsMax is 0, not a positive integer'],
    [{ limits: { bytesMax: -1 } }, 'bytesMax is -1'],
    [{ limits: { topicEventsMax: null } }, 'topicEventsMax is null'],
    [{ rememberIdsMs: 99 }, `rememberIdsMs is 99, not an integer from 100 to ${timerMsMax}`],
    [{ rememberIdsMs: timerMsMax + 1 }, 'rememberIdsMs is'],
    [
      { rememberIdsMs: 1_000, limits: { ageMs: 500 } },
      'rememberIdsMs is 1000, more than limits.ageMs, which is 500',
    ],
  ]

  test.each(wrongLogs.map(([options, text]) => [text, options] as const))(
    'log() says: %s',
    async (text, options) => {
      const broker = await connection(await natsServer())
      const refusal = await refusalOf(() => broker.log(options as NatsLogOptions))
      expect(refusal).toMatch(/^INVALID_OPTION: /)
      expect(refusal).toContain(text)
    },
  )

  test('options at their limits are accepted', async () => {
    const server = await natsServer()
    const broker = await connection(server, {
      prefix: 'x'.repeat(32),
      requestTimeoutMs: timerMsMax,
      connectTimeoutMs: timerMsMax,
      pingIntervalMs: timerMsMax,
      limits: { waitingBytesMax: Number.MAX_SAFE_INTEGER, readingsMax: 1 },
      connection: { name: 'test' },
      onStateChange: undefined,
    })
    const log = await broker.log({
      name: 'y'.repeat(32),
      limits: {
        ageMs: 9_000_000_000_000,
        eventsMax: Number.MAX_SAFE_INTEGER,
        topicEventsMax: Number.MAX_SAFE_INTEGER,
      },
      rememberIdsMs: timerMsMax,
    })
    const body = { encoding: 'none' as const, bytes: new Uint8Array(0) }
    expect((await log.append({ event: 'e', topic: '', body })).number).toBe(1)
    const shortest = await broker.log({
      name: 'short',
      limits: { ageMs: 100, eventsMax: 1, topicEventsMax: 1 },
    })
    expect((await shortest.append({ event: 'e', topic: '', body })).number).toBe(1)
  })

  test('an option that the NATS client rejects is reported', async () => {
    const server = await natsServer()
    const refused = refusalOf(() => connection(server, { connection: { inboxPrefix: 'a.>' } }))
    expect(await refused).toMatch(/^INVALID_OPTION: Connection: |^INVALID_OPTION: connection: /)
  })
})

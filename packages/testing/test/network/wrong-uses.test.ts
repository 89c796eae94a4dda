import { describe, expect, it } from 'vitest'
import {
  createSimNetwork,
  limits,
  type SimConnection,
  type SimHost,
  type SimHostOptions,
  type SimNetworkOptions,
  type TestingError,
} from '../../src/index.ts'
import { joined } from './support.ts'

function refusalOf(use: () => unknown): string {
  try {
    use()
  } catch (error) {
    const { code, message } = error as TestingError
    return `${code}: ${message}`
  }
  return 'nothing was thrown'
}

const timerMsMax = 2 ** 31 - 1

describe('wrong options', () => {
  it.each([
    [null, 'options is null, not an object'],
    [{ sed: 4 }, 'did you mean seed?'],
    [{ seed: 'x' }, 'seed is "x", not an integer'],
    [{ seed: 1.5 }, 'seed is 1.5, not an integer'],
    [{ startMs: '5' }, 'startMs is "5", not a finite number'],
    [{ onForgotten: 5 }, 'onForgotten is 5, not a function'],
    [{ latencyMs: -1 }, `latencyMs is -1, not a number from 0 to ${timerMsMax}`],
    [{ latencyMs: timerMsMax + 1 }, `not a number from 0 to ${timerMsMax}`],
    [{ latencyMs: Number.POSITIVE_INFINITY }, `latencyMs is Infinity, not a number from 0 to ${timerMsMax}`],
    [{ latencyMs: null }, 'latencyMs is null, neither a number nor { minMs, maxMs }'],
    [{ latencyMs: '5' }, 'latencyMs is "5", neither a number nor { minMs, maxMs }'],
    [{ latencyMs: { minms: 1, maxMs: 2 } }, 'latencyMs has no "minms": did you mean minMs?'],
    [{ latencyMs: { minMs: 1 } }, 'latencyMs.maxMs is undefined, not a number from 0'],
    [{ latencyMs: { minMs: -1, maxMs: 2 } }, 'latencyMs.minMs is -1, not a number from 0'],
    [{ latencyMs: { minMs: 3, maxMs: 2 } }, 'latencyMs.minMs is 3, more than latencyMs.maxMs, which is 2'],
    [{ bytesPerSecond: 0 }, 'bytesPerSecond is 0, not a number of 1 or more, or Infinity'],
    [{ bytesPerSecond: '1' }, 'bytesPerSecond is "1", not a number of 1 or more, or Infinity'],
    [{ bytesPerSecond: Number.NaN }, 'bytesPerSecond is NaN, not a number of 1 or more'],
    [{ windowBytes: 0 }, 'windowBytes is 0, not an integer of 1 or more'],
    [{ windowBytes: 1.5 }, 'windowBytes is 1.5, not an integer of 1 or more'],
    [{ pieceBytesMax: 0 }, 'pieceBytesMax is 0, not an integer of 1 or more'],
    [{ pieceBytesMax: null }, 'pieceBytesMax is null, not an integer of 1 or more'],
  ])('of a network are refused: %j', (options, text) => {
    const refusal = refusalOf(() => createSimNetwork(options as SimNetworkOptions))
    expect(refusal).toMatch(/^INVALID_OPTION: /)
    expect(refusal).toContain(text)
  })

  it.each([
    [{}],
    [{ seed: -5, startMs: 3.5, latencyMs: 0, bytesPerSecond: 1, windowBytes: 1, pieceBytesMax: 1 }],
    [{ latencyMs: timerMsMax, bytesPerSecond: Number.POSITIVE_INFINITY }],
    [{ latencyMs: { minMs: 0, maxMs: timerMsMax }, seed: undefined, windowBytes: undefined }],
  ])('of a network at their limits are accepted: %j', (options) => {
    expect(createSimNetwork(options).seed).toBe('seed' in options ? (options.seed ?? 1) : 1)
  })

  it.each([
    [{ rate: 1 }, 'options has no "rate"'],
    [{ clockRate: limits.clockRateMin - 0.01 }, 'clockRate is 0.49, not a number from 0.5 to 2'],
    [{ clockRate: limits.clockRateMax + 0.01 }, 'clockRate is 2.01, not a number from 0.5 to 2'],
    [{ clockRate: 1e9 }, 'clockRate is 1000000000, not a number from 0.5 to 2'],
    [{ clockRate: '1' }, 'clockRate is "1", not a number from 0.5 to 2'],
    [{ clockOffsetMs: Number.NaN }, 'clockOffsetMs is NaN, not a finite number'],
    [{ clockOffsetMs: '5' }, 'clockOffsetMs is "5", not a finite number'],
    [{ highWatermarkBytes: -1 }, 'highWatermarkBytes is -1, not an integer of 0 or more'],
    [
      { highWatermarkBytes: 1, lowWatermarkBytes: 2 },
      'lowWatermarkBytes is 2, more than highWatermarkBytes, which is 1',
    ],
  ])('of a host are refused: %j', (options, text) => {
    const network = createSimNetwork()
    const refusal = refusalOf(() => network.host('a', options as SimHostOptions))
    expect(refusal).toMatch(/^INVALID_OPTION: /)
    expect(refusal).toContain(text)
    expect(network.host('a').state).toBe('running')
  })

  it.each([
    [''],
    ['a b'],
    ['a:1'],
    ['-a'],
    ['a/b'],
    ['ä'],
    [5],
    [undefined],
    ['a'.repeat(limits.hostNameLengthMax + 1)],
    ['a'.repeat(1_000_000)],
  ])('a host cannot have the name %j', (name) => {
    const refusal = refusalOf(() => createSimNetwork().host(name as string))
    expect(refusal).toContain('not 1 to 253 letters, digits, dots and hyphens')
  })

  it('a host can have a name at the limit, and each name of a network is unique', () => {
    const network = createSimNetwork()
    const name = 'a'.repeat(limits.hostNameLengthMax)
    expect(network.host(name).name).toBe(name)
    network.host('db-1.example')
    expect(refusalOf(() => network.host('db-1.example'))).toContain(
      'The network already has a host db-1.example',
    )
  })

  it.each([[0], [65_536], [1.5], [-1], ['80'], [undefined]])('a port cannot be %j', (port) => {
    const host = createSimNetwork().host('a')
    const refusal = refusalOf(() => host.acceptor(port as number))
    expect(refusal).toMatch(/^INVALID_OPTION: .*The port is .+, not an integer from 1 to 65535/)
  })

  it.each([[1], [65_535]])('a port can be %i', (port) => {
    const host = createSimNetwork().host('a')
    expect(host.acceptor(port).url).toBe(`sim://a:${port}`)
    expect(host.connector(`a:${port}`).url).toBe(`sim://a:${port}`)
  })

  it.each([
    ['b', 'The address is "b", not HOST:PORT or sim://HOST:PORT'],
    ['tcp://b:5500', 'not HOST:PORT'],
    [':5500', 'not HOST:PORT'],
    ['b:', 'not HOST:PORT'],
    ['b:x', 'not HOST:PORT'],
    ['b c:1', 'not HOST:PORT'],
    [5500, 'not HOST:PORT'],
    ['b:0', 'The port is 0, not an integer from 1 to 65535'],
    ['b:65536', 'The port is 65536, not an integer from 1 to 65535'],
  ])('an address cannot be %j', (address, text) => {
    const refusal = refusalOf(() =>
      createSimNetwork()
        .host('a')
        .connector(address as string),
    )
    expect(refusal).toMatch(/^INVALID_OPTION: /)
    expect(refusal).toContain(text)
  })
})

describe('wrong uses of ways and connections', () => {
  const network = createSimNetwork()
  const server = network.host('server')
  network.host('client')
  network.host('third')
  const elsewhere = createSimNetwork().host('server')
  const way = network.between('client', server)

  it.each([
    ['an unknown name', () => network.between('client', 'sever'), 'did you mean server?'],
    ['a host of another network', () => network.between('client', elsewhere), 'not one of this network'],
    ['no host', () => network.between('client', undefined as never), 'The host is undefined'],
    [
      'holding towards a third host',
      () => way.hold('third'),
      'The way between client and server does not lead to third',
    ],
    ['holding towards an unknown name', () => way.hold('nobody'), 'not one of this network'],
    ['an unknown option', () => way.configure({ latency: 5 } as never), 'did you mean latencyMs?'],
    ['a wrong option', () => way.configure({ windowBytes: 0 }), 'windowBytes is 0, not an integer'],
    ['an unknown cut', () => way.cut('rst' as never), 'how is "rst", not one of reset, end, silence'],
  ])('%s is refused', (_what, use, text) => {
    const refusal = refusalOf(use)
    expect(refusal).toMatch(/^INVALID_OPTION: /)
    expect(refusal).toContain(text)
  })

  it.each([
    [['rst'], 'how is "rst"'],
    [['reset', { direction: 'up', afterBytes: 1 }], 'direction is "up", not one of there, back'],
    [['reset', { direction: 'there', afterBytes: -1 }], 'afterBytes is -1, not an integer of 0 or more'],
    [['reset', { direction: 'there' }], 'afterBytes is undefined, not an integer of 0 or more'],
    [['reset', { direction: 'there', after: 1 }], 'when has no "after": there is direction, afterBytes'],
    [['reset', 5], 'when is 5, not an object'],
  ])('a connection cannot be cut by %j', async (args, text) => {
    const both = await joined()
    const connection = both.network.connections[0] as SimConnection
    const refusal = refusalOf(() => connection.cut(...(args as Parameters<SimConnection['cut']>)))
    expect(refusal).toMatch(/^INVALID_OPTION: /)
    expect(refusal).toContain(text)
    await both.network.clock.advance(100)
    expect(both.network.connections).toHaveLength(1)
  })
})

describe('a host in the wrong state', () => {
  const stopped = (host: SimHost) => host.kill()
  const suspended = (host: SimHost) => host.suspend()
  const running = () => undefined

  it.each([
    ['stopped', stopped, 'environment', (host: SimHost) => host.environment],
    ['stopped', stopped, 'acceptor', (host: SimHost) => host.acceptor(1)],
    ['stopped', stopped, 'connector', (host: SimHost) => host.connector('a:1')],
    ['stopped', stopped, 'kill', (host: SimHost) => host.kill()],
    ['stopped', stopped, 'suspend', (host: SimHost) => host.suspend()],
    ['stopped', stopped, 'resume', (host: SimHost) => host.resume()],
    ['suspended', suspended, 'suspend', (host: SimHost) => host.suspend()],
    ['suspended', suspended, 'start', (host: SimHost) => host.start()],
    ['running', running, 'start', (host: SimHost) => host.start()],
    ['running', running, 'resume', (host: SimHost) => host.resume()],
  ])('%s: refuses %#', (state, bring, _use, use) => {
    const host = createSimNetwork().host('a')
    bring(host)
    const refusal = refusalOf(() => use(host))
    expect(refusal).toMatch(/^WRONG_HOST_STATE: .*call `start\(\)` for a host that is stopped/)
    expect(refusal).toContain(`a is ${state} and `)
    expect(host.state).toBe(state)
  })

  it('can be killed in three ways', () => {
    const host = createSimNetwork().host('a')
    const refusal = refusalOf(() => host.kill('fin' as never))
    expect(refusal).toContain('tells is "fin", not one of reset, end, nothing')
    expect(host.state).toBe('running')
  })
})

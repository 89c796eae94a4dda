import type { ClientOptions } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { PlayedNetwork, type PlayedServer, type tiny } from './support/played-network.ts'

const hooks = ['auth', 'onStateChange', 'onSession', 'onEventGap', 'onUncaught', 'listener'] as const
type Hook = (typeof hooks)[number]
type TinyClient = ReturnType<PlayedNetwork['client']>['client']

interface Life {
  readonly network: PlayedNetwork
  readonly client: TinyClient
  /** Each call of a hook. */
  readonly told: string[]
  readonly uncaught: unknown[]
  readonly left: readonly string[]
}

/**
 * A client from its first connection to its end. Its connection is cut, its session is forgotten, and servers ask it to
 * leave, leave, and refuse it. Each call of a hook calls `act`.
 *
 * @param act may throw. @param ofHook the index of the call among those of this hook, from 0
 */
async function lived(
  act: (hook: Hook, ofHook: number, client: TinyClient | undefined) => void,
): Promise<Life> {
  const network = new PlayedNetwork({ count: 2 })
  const told: string[] = []
  const uncaught: unknown[] = []
  let made: TinyClient | undefined
  const called = (hook: Hook, what = '') => {
    const ofHook = told.filter((each) => each.startsWith(hook)).length
    told.push(`${hook} ${what}`)
    act(hook, ofHook, made)
  }
  const options: ClientOptions<typeof tiny> = {
    auth: () => {
      called('auth')
      return 'token'
    },
    onStateChange: ({ state }) => called('onStateChange', state),
    onSession: ({ resumed }) => called('onSession', resumed ? 'resumed' : 'new'),
    onEventGap: () => called('onEventGap'),
    onUncaught: (error) => {
      uncaught.push(error)
      if (uncaught.length < 50) called('onUncaught')
    },
  }
  made = network.client(options).client
  const client = made
  const hear = client.$on('news', () => called('listener'))
  hear.subscribed.catch(() => undefined)
  const [first, second] = network.servers as [PlayedServer, PlayedServer]
  const publish = () => {
    for (const { session } of network.servers)
      if (session?.state === 'open')
        session.emit({ event: 'tiny@1/news', topic: '', body: { kind: 'value', value: 'x' } })
  }
  const step = async (change: () => void) => {
    change()
    await network.clock.advance(12_000)
    publish()
    await network.clock.settle()
  }
  await step(() => undefined)
  await step(() => network.pairs.at(-1)?.b.abort())
  first.restart()
  second.restart()
  await step(() => network.pairs.at(-1)?.b.abort())
  await step(() => first.session?.announceEnd())
  await step(() => void second.session?.close())
  for (const server of network.servers) server.refusal = new RpcError('UNAUTHENTICATED', 'expired')
  await step(() => network.pairs.at(-1)?.b.abort())
  const left = await network.leftOvers(client)
  return { network, client, told, uncaught, left }
}

const nothing = () => undefined
const plain = await lived(nothing)

describe('the hooks of a client', () => {
  it('are each called in this life of a client', () => {
    const calledOnes = hooks.filter((hook) => plain.told.some((each) => each.startsWith(hook)))
    expect(calledOnes).toEqual(hooks.filter((hook) => hook !== 'onUncaught'))
    expect(plain.told.at(-1)).toBe('onStateChange closed')
    expect(plain.left).toEqual([])
  })

  it('do not affect the client if all of them throw', async () => {
    const error = new Error('of a hook')
    const { told, uncaught, left } = await lived((hook) => {
      if (hook !== 'auth' && hook !== 'onUncaught') throw error
    })
    const others = told.filter((each) => !each.startsWith('onUncaught'))
    expect(others).toEqual(plain.told)
    expect(uncaught).toEqual(others.filter((each) => !each.startsWith('auth')).map(() => error))
    expect(left).toEqual([])
  })

  const each = hooks.flatMap((hook) =>
    plain.told.filter((told) => told.startsWith(hook)).map((told, index) => [hook, index, told] as const),
  )

  it.each(each)('can close it in call %s %i (%s)', async (hook, index) => {
    let isClosed = false
    const later: string[] = []
    const { told, network, client, left } = await lived((called, ofHook, made) => {
      if (isClosed) later.push(called)
      if (called !== hook || ofHook !== index || made === undefined) return
      isClosed = true
      void made.$close()
    })
    // The first attempt begins before the test has a client that it can close.
    if (hook === 'auth' && index === 0) return
    expect(client.$connection.state).toBe('closed')
    expect(later.filter((called) => called !== 'onStateChange')).toEqual([])
    expect(told.filter((one) => one === 'onStateChange closed')).toHaveLength(1)
    const { knocks } = network
    const { length } = knocks
    await network.clock.advance(600_000)
    expect(knocks).toHaveLength(length)
    expect(left).toEqual([])
  })

  it.each(each)(
    'can call, listen and renew in call %s %i (%s), and no promise stays pending',
    async (hook, index) => {
      const outcomes: string[] = []
      let begun = 0
      const { left, client } = await lived((called, ofHook, made) => {
        if (called !== hook || ofHook !== index || made === undefined) return
        const tries = [
          made.ping(),
          made.$on('news', nothing).subscribed,
          made.$connection.renewAuth('by hand'),
          made.$connection.renewAuth(),
          made.$connection.differences(),
        ]
        begun = tries.length
        for (const [at, tried] of tries.entries())
          tried.then(
            () => outcomes.push(`${at} yes`),
            (error: RpcError) => outcomes.push(`${at} ${error.code}`),
          )
      })
      expect(outcomes).toHaveLength(begun)
      expect(client.$connection.state).toBe('closed')
      expect(left).toEqual([])
    },
  )
})

import { createClient } from '@frameport/client'
import { contract, event, procedure, RpcError, type Schema } from '@frameport/protocol'
import { createServer, implement, memoryEventLog } from '@frameport/server'
import { createSimNetwork } from '@frameport/testing'
import { z } from 'zod'
import type { Way } from './ways.ts'

/** A wrong function of a user, and the way in which it is wrong. */
export interface Wrong {
  readonly name: string
  readonly way: Way
}

/** The result of a day. */
export interface Day {
  /** The functions of the user that were called. */
  readonly called: ReadonlySet<string>
  /** Each step, and how it settled within its time. */
  readonly steps: Readonly<Record<string, string>>
  readonly leftOvers: readonly string[]
}

/** A step that takes longer hangs, because calls have a deadline of 2 s, and connections and windows end sooner. */
const stepMs = 60_000

/**
 * A client and a server on a simulated network, which use every function that users can provide, at least once each:
 * every kind of call in both directions, events of a log, credentials, challenges, a connection that is cut and one
 * that is never resumed.
 *
 * @param wrong replaces one of these functions by a wrong one
 */
export async function spendDay(wrong?: Wrong): Promise<Day> {
  const network = createSimNetwork({ seed: 1, latencyMs: 2 })
  const { clock } = network
  const [here, there] = [network.host('here'), network.host('there')]
  const called = new Set<string>()
  const later = () => new Promise<void>((resolve) => void here.environment.setTimer(50, resolve))

  // biome-ignore lint/suspicious/noExplicitAny: functions of every kind.
  function of<Right extends (...args: any[]) => any>(name: string, right: Right): Right {
    const given = function (this: unknown, ...args: unknown[]) {
      called.add(name)
      return name === wrong?.name ? wrong.way(() => right.apply(this, args), later) : right.apply(this, args)
    }
    return given as Right
  }
  const schemaOf = <Value>(name: string, isRight: (value: unknown) => boolean = () => true) => {
    const validate = of(name, (value: unknown) =>
      isRight(value) ? { value: value as Value } : { issues: [{ message: 'wrong' }] },
    )
    return { '~standard': { version: 1, vendor: 'test', validate } } as Schema as z.ZodType<Value>
  }
  const procedures = (side: string) => ({
    echo: procedure({
      input: schemaOf<string>(`${side}: input`),
      output: schemaOf<string>(`${side}: output`),
      errors: { TAKEN: schemaOf<string>(`${side}: data of an error`) },
    }),
    tell: procedure({ input: schemaOf<string>(`${side}: input of a call without an answer`), oneWay: true }),
    count: procedure({ input: z.number(), items: schemaOf<number>(`${side}: items`) }),
    sum: procedure({ upload: schemaOf<number>(`${side}: upload`), output: z.number() }),
  })
  const contractOf = (side: string) =>
    contract('day', {
      version: 1,
      procedures: {
        ...procedures(side),
        both: procedure({ upload: z.number(), items: z.number() }),
        leave: procedure({ upload: z.number(), output: z.number() }),
        ask: procedure({ input: z.string(), output: z.string() }),
        challenge: procedure({ input: z.string() }),
        ping: procedure({}),
      },
      clientProcedures: procedures(`${side}, of a client`),
      events: {
        news: event(
          schemaOf<string>(`${side}: payload`, (text) => side === 'server' || text !== 'bad'),
          { topic: schemaOf<string>(`${side}: topic`), subscribe: 'clients' },
        ),
        weather: event(z.string(), { subscribe: 'clients' }),
      },
    })
  const [atServer, atClient] = [contractOf('server'), contractOf('client')]
  const { news } = atServer.events

  const iterable = <Item>(name: string, items: readonly Item[]) => ({
    [Symbol.asyncIterator]: of(`${name}: Symbol.asyncIterator`, () => {
      let at = 0
      return {
        next: of(`${name}: next`, () =>
          at < items.length ? { done: false, value: items[at++] } : { done: true, value: undefined },
        ),
        return: of(`${name}: return`, () => ({ done: true, value: undefined })),
      }
    }),
  })
  const many = Array.from({ length: 3_000 }, (_, at) => at)
  // biome-ignore lint/suspicious/noExplicitAny: handlers of both sides.
  const handlersOf = (side: string): any => ({
    echo: of(`${side}: handler`, ({ input, errors }) => {
      if (input === 'taken') throw errors.TAKEN('until noon')
      if (input === 'broken') throw new Error('it is broken')
      return input
    }),
    tell: of(`${side}: handler of a call without an answer`, () => undefined),
    count: of(`${side}: handler of a stream`, ({ input }) =>
      iterable(`${side}: items of a stream`, many.slice(0, input)),
    ),
    sum: of(`${side}: handler of an upload`, async ({ upload }) => {
      let sum = 0
      for await (const item of upload) sum += item
      return sum
    }),
  })
  const middleware = (side: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: of both sides.
    of(`${side}: middleware`, ({ next }: any) =>
      next({ onItem: of(`${side}: onItem`, () => undefined), onEnd: of(`${side}: onEnd`, () => undefined) }),
    )
  const interceptor = (side: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: of both sides.
    of(`${side}: interceptor`, (call: any, next: any) => next(call))

  const implementation = implement(atServer)
    .$context<object>()
    .use(middleware('server') as never)
    .handlers({
      ...handlersOf('server'),
      async *both({ upload }: { upload: AsyncIterable<number> }) {
        for await (const item of upload) yield item
      },
      async leave({ upload }: { upload: AsyncIterable<number> }) {
        for await (const item of upload) if (item === 2) return item
        return 0
      },
      // biome-ignore lint/suspicious/noExplicitAny: erased above.
      async ask({ input, connection }: any) {
        const client = connection.client(atServer)
        await client.tell(input)
        for await (const _ of client.count(3));
        for await (const _ of client.count(2_000)) break
        await client.sum(of('server: source that is a function', () => [1, 2, 3]))
        return client.echo(input)
      },
      // biome-ignore lint/suspicious/noExplicitAny: erased above.
      challenge: ({ input, connection }: any) => connection.challenge(input),
      ping: () => undefined,
    })
  const logFunctions = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [level, of(`log.${level}`, () => undefined)]),
  )
  const memory = memoryEventLog()
  // biome-ignore lint/suspicious/noExplicitAny: every option, whatever its types make of the others.
  const serverOptions: any = {
    environment: there.environment,
    log: logFunctions,
    context: of('context', async ({ hello, challenge }) => ({
      name: hello.auth,
      proof: await challenge('who'),
    })),
    renewContext: of('renewContext', ({ auth, context }) => ({ ...context, name: auth })),
    principal: of('principal', () => 'ada'),
    shareKey: of('shareKey', () => 'all'),
    authorizeSubscribe: of('authorizeSubscribe', ({ topic }) => topic !== 'denied'),
    onConnection: of('onConnection', () => undefined),
    onDetached: of('onDetached', () => undefined),
    onResumed: of('onResumed', () => undefined),
    onDisconnect: of('onDisconnect', () => undefined),
    onContextDropped: of('onContextDropped', () => undefined),
    eventLogs: [
      {
        log: {
          append: of('append of a log', (entry) => memory.append(entry)),
          after: of('after of a log', (query) => memory.after(query)),
        },
        events: [news],
      },
    ],
    clientCalls: { interceptors: [interceptor('server')], defaultDeadlineMs: 2_000 },
    limits: { resumeWindowMs: 2_000 },
  }
  const server = createServer(implementation, serverOptions)
  await server.listen(there.acceptor(1))

  const connector = here.connector('there:1')
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const clientOptions: any = {
    environment: here.environment,
    auth: of('auth', async ({ challenge }) => {
      if (challenge === 'unanswerable') throw new Error('nobody knows')
      return 'ada'
    }),
    defaultDeadlineMs: 2_000,
    interceptors: [interceptor('client')],
    handlers: handlersOf('client'),
    middlewares: [middleware('client')],
    reconnect: { reconnectTimeoutMs: 10_000 },
    limits: { resumeWindowMs: 2_000 },
    onHandlerFailed: of('onHandlerFailed', () => undefined),
    onUncaught: of('onUncaught', () => undefined),
    onInvalidEvent: of('onInvalidEvent', () => undefined),
    onEventGap: of('onEventGap', () => undefined),
    onChallengeFailed: of('onChallengeFailed', () => undefined),
    onSubscribeFailed: of('onSubscribeFailed', () => undefined),
    onStateChange: of('onStateChange', () => undefined),
    onSession: of('onSession', () => undefined),
  }
  const client = createClient(
    atClient,
    {
      url: connector.url,
      connect: of('connect of a connector', (options) => connector.connect(options)),
      release: of('release of a connector', () => undefined),
    },
    clientOptions,
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose.
  ) as any

  const steps: Record<string, string> = {}
  const late = (ms: number) => new Promise<void>((resolve) => void here.environment.setTimer(ms, resolve))
  const step = async (name: string, run: () => unknown) => {
    const settled = (async () => run())().then(
      () => 'succeeded',
      (error: unknown) => (RpcError.is(error) ? error.code : String(error)),
    )
    const outcome = await clock.until(Promise.race([settled, late(stepMs).then(() => 'hangs')]))
    steps[name] = outcome as string
  }
  const read = async (items: AsyncIterable<unknown>, itemsMax = Number.POSITIVE_INFINITY) => {
    let count = 0
    for await (const _ of items) if (++count >= itemsMax) break
  }

  await step('opened', () => client.$connection.opened())
  await step('unary', () => client.echo('a'))
  await step('an error', () => client.echo('taken'))
  await step('a failure', () => client.echo('broken'))
  await step('one way', () => client.tell('a'))
  await step('stream', () => read(client.count(3)))
  await step('a stream that is left', () => read(client.count(2_000), 2))
  await step('a function as the source', () =>
    client.sum(
      of('client: source that is a function', () => [1, 2, 3]),
      { onProgress: of('onProgress', () => undefined) },
    ),
  )
  await step('a source', () => client.sum(iterable('client: source', [1, 2, 3])))
  await step('a source that is left', () => client.leave(iterable('client: source', many)))
  await step('both ways', () => read(client.both(iterable('client: source', [1, 2, 3]))))
  const controller = new AbortController()
  const { signal } = controller
  const ownSignal = {
    get aborted() {
      return of('signal: aborted', () => signal.aborted)()
    },
    get reason() {
      return of('signal: reason', () => signal.reason)()
    },
    addEventListener: of('signal: addEventListener', signal.addEventListener.bind(signal)),
    removeEventListener: of('signal: removeEventListener', signal.removeEventListener.bind(signal)),
  }
  await step('with a signal', () => client.echo('a', { signal: ownSignal }))
  await step('a stream with a signal', () => read(client.count(3, { signal: ownSignal })))
  const left = step('a signal that is aborted', () =>
    read(client.both(iterable('client: source', many), { signal: ownSignal })),
  )
  controller.abort()
  await left
  await step('with an aborted signal', () => client.echo('a', { signal: ownSignal }))
  await step('calls to a client', () => client.ask('a'))
  await step('a failure at a client', () => client.ask('broken'))
  const listener = of('listener', (text) => {
    if (text === 'too much') throw new Error('a listener failed')
  })
  await step('subscribed', () => client.$on('news', 'sport', listener).subscribed)
  await step('subscribed to what no log keeps', () => client.$on('weather', () => undefined).subscribed)
  await step('not subscribed', () => client.$on('news', 'denied', listener).subscribed)
  const publish = (text: string) => server.publish(news as never, 'sport' as never, text as never)
  await step('published', () => publish('good'))
  await step('published what is not valid there', () => publish('bad'))
  await step('published what a listener does not bear', () => publish('too much'))
  await step('credentials', () => client.$connection.renewAuth())
  await step('a challenge', () => client.challenge('who'))
  await step('a challenge without an answer', () => client.challenge('unanswerable'))
  for (const connection of network.connections) connection.cut('reset')
  await step('behind a cut', () => client.ping())
  for (const connection of network.connections) connection.cut('reset')
  await step('cut', () => late(10)) // What is held is not told.
  network.between(here, there).hold()
  await step('away', () => late(4_000))
  for (let index = 0; index < 3; index++) await step('published meanwhile', () => publish(`${index}`))
  network.between(here, there).release()
  await step('in another session', () => client.ping())
  await step('rest', () => late(5_000))
  await step('closed', () => client.$close({ graceMs: 1_000 }))
  await step('the server is closed', () => server.close({ graceMs: 1_000 }))
  await clock.advance(stepMs * 2)
  return { called, steps, leftOvers: clock.leftOvers() }
}

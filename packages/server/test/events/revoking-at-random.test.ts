import { contract, event, procedure } from '@frameport/protocol'
import { type EventBus, implement, memoryEventLog } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Draw } from '../../../../tests/support/draw.ts'
import { type Opened, opened } from '../support/joined.ts'
import { joinReturning, type Returning } from '../support/returning.ts'

const room = contract('room', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { line: event(z.int(), { subscribe: 'clients', topic: z.string() }) },
})
const { line } = room.events
const name = 'room@1/line'

/** A request of the client for which the hook must decide. */
interface Pending {
  readonly request: number
  state: 'open' | 'takenBack' | 'revoked'
}

/** The expected state of one topic. */
class TopicModel {
  byHandlers = false
  /** The request that made the subscription of the client. */
  byClient: number | undefined
  readonly pending: Pending[] = []

  get isSubscribed(): boolean {
    return this.byHandlers || this.byClient !== undefined
  }

  unsubscribe(): void {
    this.byClient = undefined
    for (const each of this.pending) if (each.state === 'open') each.state = 'takenBack'
  }

  /** @returns the request whose subscription has ended, if the server must inform the client */
  revoke(): number | undefined {
    for (const each of this.pending) if (each.state === 'open') each.state = 'revoked'
    const told = this.byClient
    this.byClient = undefined
    this.byHandlers = false
    return told
  }

  /** @returns the expected answer to the request */
  decide({ request, state }: Pending, isAllowed: boolean): string {
    this.pending.splice(
      this.pending.findIndex((each) => each.request === request),
      1,
    )
    if (state === 'revoked') return 'PERMISSION_DENIED'
    if (state === 'takenBack') return 'OK'
    if (!isAllowed) return 'PERMISSION_DENIED'
    this.byClient ??= request
    return 'OK'
  }
}

const topics = ['a', 'b', 'c']

/** One server, one client and the model. Each operation is applied to all three. */
class Episode {
  readonly #draw: Draw
  readonly #stage: Opened
  readonly #client: Returning
  readonly #hooks: ((isAllowed: boolean) => void)[]
  readonly #ended: number[]
  readonly #listened: ReadonlySet<string> | undefined
  readonly #models = new Map(topics.map((topic) => [topic, new TopicModel()]))
  readonly #hooksOf = new Map<number, (isAllowed: boolean) => void>()
  /** The id of the call that the session made for each request. */
  readonly #calls = new Map<number, number>()
  readonly #answers: string[] = []
  readonly #expected = { answers: [] as string[], ended: [] as number[], events: [] as number[] }
  #requests = 0
  #published = 0
  #isDetached = false

  constructor(
    draw: Draw,
    stage: Opened,
    client: Returning,
    hooks: ((isAllowed: boolean) => void)[],
    ended: number[],
    listened?: ReadonlySet<string>,
  ) {
    this.#draw = draw
    this.#stage = stage
    this.#client = client
    this.#hooks = hooks
    this.#ended = ended
    this.#listened = listened
  }

  async step(): Promise<void> {
    const topic = this.#draw.pick(topics)
    const model = this.#models.get(topic) as TopicModel
    const { connection } = this.#client
    const ofClient = this.#isDetached ? 0 : 1
    const operation = this.#draw.weighted({
      subscribe: 4 * ofClient,
      unsubscribe: 2 * ofClient,
      decide: 4,
      revoke: 3,
      handlerSubscribes: 1,
      handlerUnsubscribes: 1,
      publish: 4,
      cut: ofClient,
      comeBack: 1 - ofClient,
    })
    if (operation === 'subscribe') await this.#subscribe(topic, model)
    else if (operation === 'unsubscribe') {
      this.#ask('unsubscribe', topic)
      this.#expected.answers.push(`${this.#requests} OK`)
      model.unsubscribe()
    } else if (operation === 'decide') await this.#decide()
    else if (operation === 'revoke') {
      const told = model.revoke()
      if (told !== undefined) this.#expected.ended.push(told)
      connection.revoke(line, topic)
    } else if (operation === 'handlerSubscribes') {
      model.byHandlers = true
      await connection.subscribe(line, topic)
    } else if (operation === 'handlerUnsubscribes') {
      model.byHandlers = false
      connection.unsubscribe(line, topic)
    } else if (operation === 'publish') {
      const number = ++this.#published
      if (model.isSubscribed) this.#expected.events.push(number)
      this.#stage.server.publish(line, topic, number)
    } else if (operation === 'cut') {
      this.#isDetached = true
      await this.#client.cut()
    } else {
      this.#isDetached = false
      await this.#client.comeBack()
    }
    await this.#compare(operation)
  }

  async end(): Promise<void> {
    if (this.#isDetached) await this.#client.comeBack()
    this.#isDetached = false
    while (this.#hooksOf.size > 0) await this.#decide()
    await this.#compare('the end')
  }

  #ask(kind: 'subscribe' | 'unsubscribe', topic: string): number {
    const request = ++this.#requests
    const change = { kind, event: name, topic: JSON.stringify(topic) }
    const { id } = this.#client.session.changeSubscription(change, (error) =>
      this.#answers.push(`${request} ${error?.code ?? 'OK'}`),
    )
    this.#calls.set(request, id)
    return request
  }

  async #subscribe(topic: string, model: TopicModel): Promise<void> {
    const request = this.#ask('subscribe', topic)
    if (model.byClient !== undefined) {
      this.#expected.answers.push(`${request} OK`)
      return
    }
    model.pending.push({ request, state: 'open' })
    await this.#quiet()
    this.#hooksOf.set(request, this.#hooks.pop() as (isAllowed: boolean) => void)
  }

  async #decide(): Promise<void> {
    const waiting = [...this.#models.values()].flatMap((model) =>
      model.pending.map((one) => ({ model, one })),
    )
    if (waiting.length === 0) return
    const { model, one } = this.#draw.pick(waiting)
    const isAllowed = this.#draw.chance(0.7)
    this.#expected.answers.push(`${one.request} ${model.decide(one, isAllowed)}`)
    this.#hooksOf.get(one.request)?.(isAllowed)
    this.#hooksOf.delete(one.request)
    await this.#quiet()
  }

  async #quiet(): Promise<void> {
    for (let round = 0; round < 5; round++) {
      await this.#stage.settle()
      this.#stage.clock.advance(0)
    }
  }

  async #compare(after: string): Promise<void> {
    await this.#quiet()
    const subscribed = topics.filter((topic) => this.#models.get(topic)?.isSubscribed)
    expect([after, this.#client.connection.subscriptions]).toEqual([after, subscribed.length])
    if (this.#listened !== undefined)
      expect([after, [...this.#listened].sort()]).toEqual([
        after,
        subscribed.map((one) => JSON.stringify(one)),
      ])
    // Messages of the server wait until the client resumes the session.
    if (this.#isDetached) return
    const told = {
      answers: [...this.#answers].sort(),
      ended: this.#ended,
      events: this.#client.events.map(({ body }) => (body as { readonly value: number }).value),
    }
    expect([after, told]).toEqual([
      after,
      {
        answers: [...this.#expected.answers].sort(),
        ended: this.#expected.ended.map((request) => this.#calls.get(request)),
        events: this.#expected.events,
      },
    ])
  }
}

async function episode(seed: number, brings: 'nothing' | 'a bus' | 'a log'): Promise<void> {
  const listened = new Set<string>()
  const eventBus: EventBus = {
    join: () => ({
      publish: () => undefined,
      listen: ({ topic }) => void listened.add(topic),
      ignore: ({ topic }) => void listened.delete(topic),
      leave: () => undefined,
    }),
  }
  const hooks: ((isAllowed: boolean) => void)[] = []
  const stage = opened(implement(room).handlers({ ping: () => undefined }), {
    authorizeSubscribe: () => new Promise<boolean>((resolve) => void hooks.push(resolve)),
    ...(brings === 'a bus' ? { eventBus } : {}),
    ...(brings === 'a log' ? { eventLogs: [{ log: memoryEventLog(), events: [line] }] } : {}),
  } as never)
  const ended: number[] = []
  const client = await joinReturning(stage, {
    handlers: { subscriptionEnded: (callId) => void ended.push(callId) },
  })
  const draw = new Draw(seed)
  const one = new Episode(draw, stage, client, hooks, ended, brings === 'a bus' ? listened : undefined)
  for (let step = 0; step < 60; step++) await one.step()
  await one.end()
}

describe('Subscriptions that are made, given up and revoked at random', () => {
  for (const brings of ['nothing', 'a bus', 'a log'] as const)
    it(`match a small model, with ${brings} between servers and events`, { timeout: 120_000 }, async () => {
      for (let seed = 1; seed <= 25; seed++) await episode(seed, brings)
    })
})

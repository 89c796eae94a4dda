import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, type EventHistory, implement, type Server } from '@frameport/server'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { BrokerWorld, OpenWorld } from './broker-world.ts'

const Room = z.object({ room: z.string() })

export const club = contract('club', {
  version: 1,
  procedures: { enter: procedure({ input: Room }) },
  events: {
    /** Handlers subscribe to it, and the bus delivers it. */
    news: event(z.string(), { topic: Room }),
    /** Clients subscribe to it, and the bus delivers it. */
    shout: event(z.string(), { topic: Room, subscribe: 'clients' }),
    /** A log keeps it. */
    line: event(z.string(), { topic: Room, subscribe: 'clients' }),
  },
})

export interface Branch {
  readonly server: Server
  readonly url: string
  readonly log: EventHistory
  /** The log lines of the server at level warn or error. */
  readonly complaints: readonly string[]
}

/** A client, and what it has received: events, and `gap` where some may be missing. */
export interface Guest {
  readonly heard: readonly string[]
  readonly client: ReturnType<typeof createClient<typeof club>>
}

/** Servers that exchange events, and their clients. Everything is closed after the test. */
export interface Club {
  readonly world: OpenWorld
  branch(): Promise<Branch>
  guest(of: Pick<Branch, 'url'>, wants: 'news' | 'shout' | 'line', room?: string): Promise<Guest>
}

export async function openClub({ open }: BrokerWorld): Promise<Club> {
  const world = await open()
  const ends: (() => unknown)[] = []
  onTestFinished(async () => {
    for (const end of ends.reverse()) await end()
    await world.close()
  })
  return {
    world,
    async branch() {
      const complaints: string[] = []
      const note = (facts: object, text: string) =>
        void complaints.push(`${text} ${'err' in facts ? facts.err : ''}`)
      const log = await world.log()
      const server = createServer(
        implement(club).handlers({
          enter: ({ input, connection }) => connection.subscribe(club.events.news, input),
        }),
        {
          backend: 'net',
          eventBus: await world.bus(),
          eventLogs: [{ log, events: [club.events.line] }],
          authorizeSubscribe: () => true,
          log: { debug: () => undefined, info: () => undefined, warn: note, error: note },
          limits: { busTimeoutMs: 2_000, logTimeoutMs: 2_000 },
        },
      )
      ends.push(() => server.close({ graceMs: 0 }))
      const { url } = await server.listen('tcp://127.0.0.1:0')
      return { server, url, log, complaints }
    },
    async guest({ url }, wants, room = 'bar') {
      const heard: string[] = []
      const client = createClient(club, url, { backend: 'net', onEventGap: () => void heard.push('gap') })
      ends.push(() => client.$close())
      const listening = client.$on(wants, { room }, (text: string) => void heard.push(text))
      if (wants === 'news') await client.enter({ room })
      else await listening.subscribed
      return { heard, client }
    },
  }
}

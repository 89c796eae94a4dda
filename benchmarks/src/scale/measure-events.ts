import type { EventPlace, ScaleWork } from '../../support/scale/messages.ts'
import { benchmarksFolder } from '../bundle.ts'
import { clientCore, serverCore } from '../cores.ts'
import { ProgramProcess } from '../program-process.ts'
import { askScale } from './ask-scale.ts'
import { type NatsServer, startNatsServer } from './nats-server.ts'

/** Figures of one event of 200 bytes. */
export interface EventFigures {
  readonly name: string
  readonly inFlight: number
  readonly publisherUs: number
  readonly natsUs: number
  /** Figures of each of them; NaN if there is none. */
  readonly receiverUs: number
  /** Elapsed time, including the time in which other processes had the machine. */
  readonly elapsedUs: number
}

const receiversMost = 4
const flights = [1, 64] as const
const logs: readonly { readonly to: EventPlace; readonly name: string }[] = [
  { to: 'jetstream', name: 'log: JetStream, in files' },
  { to: 'power', name: "log: SQLite, durability 'power'" },
  { to: 'process', name: "log: SQLite, durability 'process'" },
]

/** The cost of the bus and the logs for a server, with 0, 1, 2 and 4 other servers that listen to the topic. */
export async function measureEvents(file: string, eventsOfOne: number): Promise<readonly EventFigures[]> {
  const nats = await startNatsServer()
  const started: ProgramProcess[] = []
  const start = async (role: string, core: number) => {
    const common = { file, core, folder: benchmarksFolder, variables: { NODE_ENV: 'production' } }
    const process = await ProgramProcess.start({ ...common, args: [role, nats.url] })
    started.push(process)
    return process
  }
  try {
    const publisher = await start('publisher', serverCore)
    const receivers: ProgramProcess[] = []
    const figures: EventFigures[] = []
    const add = async (to: EventPlace, name: string) => {
      for (const inFlight of flights) {
        const events = inFlight === 1 ? eventsOfOne : eventsOfOne * 8
        const put = (count: number) => putAll({ nats, publisher, receivers }, to, count, inFlight)
        await put(events / 2)
        figures.push({ name, inFlight, ...(await put(events)) })
      }
    }
    for (let servers = 0; servers <= receiversMost; servers = Math.max(1, servers * 2)) {
      while (receivers.length < servers) receivers.push(await start('receiver', clientCore))
      await add('bus', `bus, to ${servers} ${servers === 1 ? 'server' : 'servers'}`)
    }
    receivers.length = 0
    for (const { to, name } of logs) await add(to, name)
    return figures
  } finally {
    for (const process of started) await process.stop()
    await nats.stop()
  }
}

interface Servers {
  readonly nats: NatsServer
  readonly publisher: ProgramProcess
  readonly receivers: readonly ProgramProcess[]
}

async function putAll(
  { nats, publisher, receivers }: Servers,
  to: EventPlace,
  events: number,
  inFlight: number,
): Promise<Omit<EventFigures, 'name' | 'inFlight'>> {
  const all = [publisher, nats, ...receivers]
  const before = all.map((each) => each.cpuNs())
  const received = receivers.map((receiver) => askScale(receiver, { ask: 'receive', events }))
  const { elapsedMs } = await askScale<ScaleWork>(publisher, { ask: 'publish', to, events, inFlight })
  await Promise.all(received)
  const [publisherUs, natsUs, ...receiversUs] = all.map(
    (each, at) => (each.cpuNs() - before[at]!) / events / 1000,
  )
  return {
    publisherUs: publisherUs!,
    natsUs: natsUs!,
    receiverUs: receiversUs.reduce((sum, us) => sum + us, 0) / receivers.length,
    elapsedUs: (elapsedMs * 1000) / events,
  }
}

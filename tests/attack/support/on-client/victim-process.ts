import type { CreateClientOptions } from '@frameport/client'
import { createCompletionPort } from '@frameport/iocp-core'
import { defaultSessionLimits } from '@frameport/protocol/session'
import { answerQuestions } from '../ask.ts'
import type { ClientAttack, Counts } from '../attack.ts'
import { Watch } from '../figures.ts'
import { goodCalls } from '../good-calls.ts'
import { endWhenTold } from '../term.ts'
import { honestLoad } from './honest-load.ts'
import { type Tally, Victim } from './victim.ts'

/** The process with the clients under attack: `victim-process.ts BACKEND`. */
const backend = process.argv[2] as 'net' | 'epoll' | 'io_uring'

// Like the port that clients open by themselves, but this one shows what remains on it.
const sendQueueHighBytes = 2 * defaultSessionLimits.pieceBytes
const port = createCompletionPort({ backend, sendQueueHighBytes, sendQueueLowBytes: sendQueueHighBytes / 4 })
if (port.backend !== backend) throw new Error(`asked for ${backend}, got ${port.backend}`)
const options: CreateClientOptions = { completionPort: port }
const watch = new Watch()
const tally: Tally = { connections: 0, begun: 0, settled: 0, received: 0, strange: 0 }

let relieve: () => void = () => undefined

interface Suffering extends Pick<ClientAttack, 'connections' | 'work'> {
  readonly port: number
}

interface Comfort extends Pick<ClientAttack, 'connections' | 'innocent'> {
  readonly port: number
  readonly seconds: number
  readonly counts: Counts
}

answerQuestions({
  reset: (memoryBoundBytes?: number) => watch.reset(memoryBoundBytes),
  figures: () => watch.figures(),
  good: (given: { readonly port: number; readonly seconds: number }) =>
    goodCalls(given.port, given.seconds, options),
  async suffer({ port, connections, work }: Suffering) {
    const end = endWhenTold()
    relieve = end.tell
    const victims = Array.from({ length: connections }, () => new Victim(port, work, options, tally, end))
    await Promise.all(victims.map((victim) => victim.live()))
  },
  relieve: () => relieve(),
  enjoy: ({ port, seconds, counts, ...attack }: Comfort) =>
    honestLoad(attack, port, seconds, counts, options),
  tally: () => tally,
  open: () => ({ ...port.counters, unsettled: tally.begun - tally.settled, strange: tally.strange }),
})

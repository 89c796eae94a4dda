import type { ServerStats } from '@frameport/server'
import { Helper } from '../ask.ts'
import type { Counts, ServerAttack } from '../attack.ts'
import type { Bundle } from '../bundle.ts'
import type { Figures } from '../figures.ts'
import type { Experience } from '../good-calls.ts'
import { pause } from '../pour.ts'
import { termOf } from '../term.ts'
import { type Calm, loadCore, measuredCore, type Phase, type Trial, type TrialOptions } from '../trial.ts'
import { memoryBoundBytes } from '../verdict.ts'

const warmUpSecondsMax = 2

/** Runs one attack against a new server, after an innocent load of the same size if times are judged. */
export async function tryOnServer(
  bundle: Bundle,
  attack: ServerAttack,
  options: TrialOptions,
): Promise<Trial> {
  const { backend, seconds, judgesTimes } = options
  const [server, good, attacker] = await Promise.all([
    Helper.start(bundle, 'on-server/server-process', [backend, 'shares'], measuredCore),
    Helper.start(bundle, 'on-server/good-client', [], loadCore),
    Helper.start(bundle, 'on-server/attacker-process', [], loadCore),
  ])
  try {
    const port = await server.ask<number>('port')
    const stats = () => server.ask<ServerStats>('stats')
    const calm = async (): Promise<Calm> => {
      const { connections, handlersInFlight, topics, memory } = await stats()
      const open = { connections, handlersInFlight, topics, bytes: memory.bytes }
      return { figures: await server.ask<Figures>('figures'), open }
    }
    const phase = async (innocent: boolean, forSeconds: number, boundBytes?: number): Promise<Phase> => {
      await server.ask('reset', boundBytes)
      const term = termOf(attack, { ...options, seconds: forSeconds })
      const [counts, experience] = await Promise.all([
        attacker.ask<Counts>('attack', { name: attack.name, port, term, innocent }),
        good.ask<Experience>('call', { port, seconds: forSeconds }),
      ])
      return { counts, figures: await server.ask<Figures>('figures'), good: experience }
    }
    // The same calls as those that are measured later compile code and allocate memory.
    await phase(true, Math.min(seconds, warmUpSecondsMax))
    await settled(server)
    const before = await calm()
    const budgetBytes = (await stats()).memory.bytesMax
    const innocent = judgesTimes ? await phase(true, seconds) : undefined
    await settled(server)
    const hostile = await phase(false, seconds, memoryBoundBytes(before, budgetBytes))
    await settled(server)
    const { deedsMin } = termOf(attack, options)
    return { innocent, hostile, before, after: await calm(), budgetBytes, deedsMin }
  } finally {
    await Promise.all([server.stop(), good.stop(), attacker.stop()])
  }
}

/** Waits until the server has noticed that all clients have left, for at most a minute. */
async function settled(server: Helper): Promise<void> {
  const untilMs = performance.now() + 60_000
  while (performance.now() < untilMs) {
    const { connections, handlersInFlight } = await server.ask<ServerStats>('stats')
    if (connections === 0 && handlersInFlight === 0) return
    await pause(50)
  }
}

import { clientLimits } from '@frameport/client'
import { defaultSessionLimits } from '@frameport/protocol/session'
import { Helper } from '../ask.ts'
import type { ClientAttack, Counts } from '../attack.ts'
import type { Figures } from '../figures.ts'
import type { Experience } from '../good-calls.ts'
import { pause } from '../pour.ts'
import { type Calm, loadCore, measuredCore, type Phase, type Trial } from '../trial.ts'

const warmUp = { seconds: 2, counts: { deeds: 4_000, bytes: 400_000 } }

/**
 * One attack on the clients of a fresh process, and then an honest load of the same size on the same process. A further
 * client in it makes calls of a good server all the time.
 */
export async function tryOnClient(attack: ClientAttack, backend: string, seconds: number): Promise<Trial> {
  const victim = await Helper.start('./on-client/victim-process.ts', [backend], measuredCore)
  const evil = await Helper.start('./on-client/evil-process.ts', [], loadCore)
  const good = await Helper.start('./on-server/server-process.ts', [backend], loadCore)
  const honest = await Helper.start('./on-server/server-process.ts', [backend], loadCore)
  const { name, connections, innocent, work } = attack
  try {
    const goodPort = await good.ask<number>('port')
    const honestPort = await honest.ask<number>('port')
    const calm = async (): Promise<Calm> => ({
      figures: await victim.ask<Figures>('figures'),
      open: await victim.ask<Calm['open']>('open'),
    })
    const phase = async (forSeconds: number, load: () => Promise<Counts>): Promise<Phase> => {
      await victim.ask('reset')
      const [counts, experience] = await Promise.all([
        load(),
        victim.ask<Experience>('good', { port: goodPort, seconds: forSeconds }),
      ])
      return { counts, figures: await victim.ask<Figures>('figures'), good: experience }
    }
    const honestly = (forSeconds: number, counts: Counts) =>
      phase(forSeconds, () =>
        victim.ask<Counts>('enjoy', { port: honestPort, seconds: forSeconds, connections, innocent, counts }),
      )
    // Code is compiled, and memory taken, by calls like those that are measured later.
    await honestly(warmUp.seconds, warmUp.counts)
    await settled(victim)
    const before = await calm()
    const hostile = await phase(seconds, async () => {
      const port = await evil.ask<number>('begin', { name, seconds: seconds + 1 })
      await victim.ask('suffer', { port, seconds: seconds + 1, connections, work })
      return evil.ask<Counts>('counts')
    })
    await settled(victim)
    const after = await calm()
    const innocently = await honestly(seconds, hostile.counts)
    return { attack, seconds, innocent: innocently, hostile, before, after, budgetBytes: budgetOf(attack) }
  } finally {
    await Promise.all([victim.stop(), evil.stop(), good.stop(), honest.stop()])
  }
}

/** What each session may hold, and what each stream may be ahead of its reader. */
function budgetOf({ connections, work }: ClientAttack): number {
  const streamBytes = clientLimits.streamWindowBytes + defaultSessionLimits.bodyBytesMax
  return connections * (defaultSessionLimits.sessionMemoryBytesMax + (work.streams ?? 0) * streamBytes)
}

/** Waits until nothing of the load is left in the process, or ten seconds. */
async function settled(victim: Helper): Promise<void> {
  const untilMs = performance.now() + 10_000
  while (performance.now() < untilMs) {
    const open = await victim.ask<Calm['open']>('open')
    if (Object.values(open).every((count) => count === 0)) return
    await pause(50)
  }
}

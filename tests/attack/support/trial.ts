import type { ServerStats } from '@frameport/server'
import { Helper } from './ask.ts'
import type { Attack, Counts } from './attack.ts'
import type { Figures } from './figures.ts'
import type { Experience } from './good-client.ts'

/** What a server, and a good client beside, went through under a load. */
export interface Phase {
  readonly counts: Counts
  readonly figures: Figures
  readonly good: Experience
}

export interface Trial {
  readonly attack: Attack
  readonly seconds: number
  readonly innocent: Phase
  readonly hostile: Phase
  /** Before any load, and when the attack was over and all were gone. */
  readonly before: { readonly figures: Figures; readonly stats: ServerStats }
  readonly after: { readonly figures: Figures; readonly stats: ServerStats }
}

const serverCore = 0
const loadCore = 1

/** One attack against a fresh server, behind an innocent load of the same size against the same server. */
export async function tryAttack(attack: Attack, backend: string, seconds: number): Promise<Trial> {
  const server = await Helper.start('./server-process.ts', [backend], serverCore)
  const good = await Helper.start('./good-client.ts', [], loadCore)
  const attacker = await Helper.start('./attacker-process.ts', [], loadCore)
  try {
    const port = await server.ask<number>('port')
    const state = async () => ({
      figures: await server.ask<Figures>('figures'),
      stats: await server.ask<ServerStats>('stats'),
    })
    const phase = async (innocent: boolean, forSeconds: number): Promise<Phase> => {
      await server.ask('reset')
      const load = attacker.ask<Counts>('attack', {
        name: attack.name,
        port,
        seconds: forSeconds + 1,
        innocent,
      })
      const experience = await good.ask<Experience>('call', { port, seconds: forSeconds })
      const counts = await load
      return { counts, figures: await server.ask<Figures>('figures'), good: experience }
    }
    // Code is compiled, and memory taken, by the same calls that are measured later.
    await phase(true, 2)
    await settled(server)
    const before = await state()
    const innocent = await phase(true, seconds)
    await settled(server)
    const hostile = await phase(false, seconds)
    await settled(server)
    return { attack, seconds, innocent, hostile, before, after: await state() }
  } finally {
    await Promise.all([server.stop(), good.stop(), attacker.stop()])
  }
}

/** Waits until the server has seen that everybody is gone, or ten seconds. */
async function settled(server: Helper): Promise<void> {
  const untilMs = performance.now() + 10_000
  while (performance.now() < untilMs) {
    const { connections, handlersInFlight } = await server.ask<ServerStats>('stats')
    if (connections === 0 && handlersInFlight === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

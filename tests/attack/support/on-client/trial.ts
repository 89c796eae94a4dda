import { clientLimits } from '@frameport/client'
import { defaultSessionLimits } from '@frameport/protocol/session'
import { Helper } from '../ask.ts'
import type { ClientAttack, Counts } from '../attack.ts'
import type { Bundle } from '../bundle.ts'
import type { Figures } from '../figures.ts'
import type { Experience } from '../good-calls.ts'
import { pause } from '../pour.ts'
import { termOf } from '../term.ts'
import { type Calm, loadCore, measuredCore, type Phase, type Trial, type TrialOptions } from '../trial.ts'
import { memoryBoundBytes } from '../verdict.ts'

const warmUp = { secondsMax: 2, counts: { deeds: 4_000, bytes: 400_000 } }

/**
 * The processes to which clients connect. They keep nothing that affects the judgement of an attack on a client, so one
 * of each serves all trials.
 */
interface Peers {
  readonly evil: Helper
  readonly good: Helper
  readonly honest: Helper
}

/** Attacks on clients, each on the clients of a new process. */
export class ClientTrials {
  readonly #bundle: Bundle
  readonly #options: TrialOptions
  #peers: Peers | undefined

  constructor(bundle: Bundle, options: TrialOptions) {
    this.#bundle = bundle
    this.#options = options
  }

  /**
   * Runs one attack, and then an honest load of the same size on the same process if times are judged. Another client
   * in that process calls a good server all the time.
   *
   * @throws Error if a process ended during the attack
   */
  async try(attack: ClientAttack): Promise<Trial> {
    const { backend } = this.#options
    const start = () => Helper.start(this.#bundle, 'on-client/victim-process', [backend], measuredCore)
    const [peers, victim] = await Promise.all([this.#started(), start()])
    try {
      return await this.#tried(attack, victim, peers)
    } catch (error) {
      // One of the peers may also have ended, or may still be busy.
      await this.end()
      throw error
    } finally {
      await victim.stop()
    }
  }

  /** Ends the peers. The next trial starts new ones. */
  async end(): Promise<void> {
    const peers = this.#peers
    this.#peers = undefined
    if (peers !== undefined) await Promise.all(Object.values(peers).map((peer: Helper) => peer.stop()))
  }

  async #started(): Promise<Peers> {
    const { backend } = this.#options
    if (this.#peers !== undefined) return this.#peers
    const [evil, good, honest] = await Promise.all([
      Helper.start(this.#bundle, 'on-client/evil-process', [], loadCore),
      Helper.start(this.#bundle, 'on-server/server-process', [backend], loadCore),
      Helper.start(this.#bundle, 'on-server/server-process', [backend], loadCore),
    ])
    this.#peers = { evil, good, honest }
    return this.#peers
  }

  async #tried(attack: ClientAttack, victim: Helper, { evil, good, honest }: Peers): Promise<Trial> {
    const { name, connections, innocent, work } = attack
    const { seconds, judgesTimes } = this.#options
    const goodPort = await good.ask<number>('port')
    const honestPort = await honest.ask<number>('port')
    const calm = async (): Promise<Calm> => ({
      figures: await victim.ask<Figures>('figures'),
      open: await victim.ask<Calm['open']>('open'),
    })
    const phase = async (
      forSeconds: number,
      load: () => Promise<Counts>,
      boundBytes?: number,
    ): Promise<Phase> => {
      await victim.ask('reset', boundBytes)
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
    // Calls like those that are measured later compile code and allocate memory.
    await honestly(Math.min(seconds, warmUp.secondsMax), warmUp.counts)
    await settled(victim)
    const before = await calm()
    const budgetBytes = budgetOf(attack)
    const term = termOf(attack, this.#options)
    const attacked = async () => {
      const port = await evil.ask<number>('begin', { name, term })
      await Promise.all([
        victim.ask('suffer', { port, connections, work }),
        evil.ask('over').then(() => victim.ask('relieve')),
      ])
      return evil.ask<Counts>('counts')
    }
    const hostile = await phase(seconds, attacked, memoryBoundBytes(before, budgetBytes))
    await settled(victim)
    const after = await calm()
    const innocently = judgesTimes ? await honestly(seconds, hostile.counts) : undefined
    return { innocent: innocently, hostile, before, after, budgetBytes, deedsMin: term.deedsMin }
  }
}

/** What each session may hold, and how far each stream may be ahead of its reader. */
function budgetOf({ connections, work }: ClientAttack): number {
  const streamBytes = clientLimits.streamWindowBytes + defaultSessionLimits.bodyBytesMax
  return connections * (defaultSessionLimits.sessionMemoryBytesMax + (work.streams ?? 0) * streamBytes)
}

/** Waits until the process has finished the load, for at most a minute. */
async function settled(victim: Helper): Promise<void> {
  const untilMs = performance.now() + 60_000
  while (performance.now() < untilMs) {
    const open = await victim.ask<Calm['open']>('open')
    if (Object.values(open).every((count) => count === 0)) return
    await pause(50)
  }
}

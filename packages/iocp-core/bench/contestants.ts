import { probe } from '@frameport/iocp-core'

export interface Contestant {
  readonly name: string
  /** What the load speaks to it. */
  readonly format: 'frames' | 'ws'
  /** A script of `servers/` with its arguments, or the C++ program. */
  readonly server: Script | 'c++'
}

export interface Script {
  readonly script: string
  readonly args: readonly string[]
  /** The one of the other checkout, where there is one. */
  readonly before?: boolean
}

/** The two ways to write it with node:net. The better one at a setting is what all are compared with. */
export const yardsticks: readonly Contestant[] = [
  { name: 'node:net/coalesced', format: 'frames', server: { script: 'net-coalesced', args: [] } },
  { name: 'node:net/corked', format: 'frames', server: { script: 'net-corked', args: [] } },
]

/** What is possible without JavaScript. */
export const limit: Contestant = { name: 'c++', format: 'frames', server: 'c++' }

/** Every back end that works here, in both styles of the public API, best first; then the others. */
export function allContestants(): readonly Contestant[] {
  const backends = probe()
    .filter(({ available }) => available)
    .map(({ backend }) => backend)
  const ours = backends.flatMap((backend) =>
    ['callback', 'iterator'].map((style): Contestant => {
      const server = { script: 'frameport', args: [backend, style] }
      return { name: `${backend}/${style}`, format: 'frames', server }
    }),
  )
  const webSocket: Contestant = { name: 'ws', format: 'ws', server: { script: 'ws', args: [] } }
  return [...ours, ...yardsticks, webSocket, limit]
}

/** The names of the two that run beside a contestant when checkouts are compared. */
export const beforeOf = (name: string) => `${name} (before)`
export const againOf = (name: string) => `${name} (again)`

/**
 * Ours, each beside the same of the other checkout and beside a twin of itself, which shows what chance does; and
 * the others as they are.
 */
export function besideBefore(contestants: readonly Contestant[]): readonly Contestant[] {
  return contestants.flatMap((contestant): readonly Contestant[] => {
    const { name, server } = contestant
    if (server === 'c++' || server.script !== 'frameport') return [contestant]
    const before: Contestant = { ...contestant, name: beforeOf(name), server: { ...server, before: true } }
    return [contestant, before, { ...contestant, name: againOf(name) }]
  })
}

/** Those asked for and those they are compared with. @throws RangeError for a name that nobody has */
export function chooseContestants(names: readonly string[] | undefined): readonly Contestant[] {
  const all = allContestants()
  if (names === undefined) return all
  const unknown = names.filter((name) => all.every((contestant) => contestant.name !== name))
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(', ')
    throw new RangeError(`--contestants: there is no ${unknown.join(', ')} here, only ${known}.`)
  }
  return all.filter(
    (contestant) =>
      names.includes(contestant.name) || yardsticks.includes(contestant) || contestant === limit,
  )
}

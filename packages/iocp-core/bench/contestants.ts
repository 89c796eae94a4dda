import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { probe } from '@frameport/iocp-core'

export interface Contestant {
  readonly name: string
  /** The protocol that the load uses. */
  readonly format: 'frames' | 'ws'
  /** A script from `servers/` with its arguments, or the C++ program. */
  readonly server: Script | 'c++'
}

export interface Script {
  readonly script: string
  readonly args: readonly string[]
  /** The runtime (default: this Node.js). */
  readonly runtime?: 'bun'
  /** Whether it is the script of the other checkout. */
  readonly before?: boolean
}

/** Three ways to write the server with node:net. At each setting, all others are compared with the best of them. */
export const yardsticks: readonly Contestant[] = [
  { name: 'node:net/coalesced', format: 'frames', server: { script: 'net-coalesced', args: [] } },
  { name: 'node:net/corked', format: 'frames', server: { script: 'net-corked', args: [] } },
  { name: 'node:net/expert', format: 'frames', server: { script: 'net-expert', args: [] } },
]

/** The same as `node:net/expert` over Bun's own TCP. The contestants of this project should be faster than it too. */
export const bunListen: Contestant = {
  name: 'Bun.listen',
  format: 'frames',
  server: { script: 'bun-listen', args: [], runtime: 'bun' },
}

/**
 * The program of Bun. `npm ci --ignore-scripts --prefix benchmarks` installs it; it needs no install script.
 */
export const bunProgram = fileURLToPath(
  new URL(
    `../../../benchmarks/node_modules/@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}/bin/bun`,
    import.meta.url,
  ),
)
export const hasBun = (): boolean => existsSync(bunProgram)

/** The result that is possible without JavaScript. */
export const limit: Contestant = { name: 'c++', format: 'frames', server: 'c++' }

/** Every back end that works here, in both styles of the public API, best first; then the other contestants. */
function allContestants(): readonly Contestant[] {
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
  return [...ours, ...yardsticks, ...(hasBun() ? [bunListen] : []), webSocket, limit]
}

/** Whether others are compared with it. Then it always runs. */
export function isReference(contestant: Contestant): boolean {
  return yardsticks.includes(contestant) || contestant === bunListen || contestant === limit
}

/** The names of the two contestants that run beside a contestant when checkouts are compared. */
export const beforeOf = (name: string) => `${name} (before)`
export const againOf = (name: string) => `${name} (again)`

/**
 * Puts beside each contestant of this project the same one of the other checkout, and a twin of itself that shows the
 * effect of chance. The others stay as they are.
 */
export function besideBefore(contestants: readonly Contestant[]): readonly Contestant[] {
  return contestants.flatMap((contestant): readonly Contestant[] => {
    const { name, server } = contestant
    if (server === 'c++' || server.script !== 'frameport') return [contestant]
    const before: Contestant = { ...contestant, name: beforeOf(name), server: { ...server, before: true } }
    return [contestant, before, { ...contestant, name: againOf(name) }]
  })
}

/** The contestants with these names, and those they are compared with. @throws RangeError for an unknown name */
export function chooseContestants(names: readonly string[] | undefined): readonly Contestant[] {
  const all = allContestants()
  if (names === undefined) return all
  const unknown = names.filter((name) => all.every((contestant) => contestant.name !== name))
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(', ')
    throw new RangeError(`--contestants: there is no ${unknown.join(', ')} here, only ${known}.`)
  }
  return all.filter((contestant) => names.includes(contestant.name) || isReference(contestant))
}

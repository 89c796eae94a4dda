import { readFileSync } from 'node:fs'
import { setTimeout as later } from 'node:timers/promises'
import type { ScaleWork, ServerMemory, ServerPauses, ServerSessions } from '../../support/scale/messages.ts'
import { nodeFlagsOfIdle } from '../comparison/measure-memory.ts'
import { type Pair, type Program, withPair } from '../program-pair.ts'
import { askScale } from './ask-scale.ts'
import type { ScaleContestant } from './contestants.ts'

/** Figures of one server, for each of its connections. CPU time is that of the server. */
export interface ConnectionFigures {
  readonly residentBytes: number
  readonly heapBytes: number
  readonly kernelBytes: number
  readonly openedUs: number
  readonly openedPerSecond: number
  readonly callUs: number
  /** While calls continue. */
  readonly longestCollectionMs: number
  /** The duration of one full collection. */
  readonly fullCollectionMs: number
  /** Sessions only: a lost connection, another one on which the session resumes, and a call. */
  readonly cameBackUs?: number
  /** Sessions only: the heap while its client is away. */
  readonly detachedHeapBytes?: number
}

/** The first connections use up one-time costs of a process, and free room in its heap. */
const firstShare = 0.2

export function measureConnections(
  program: Program,
  { kind }: ScaleContestant,
  { connections, callMs }: { readonly connections: number; readonly callMs: number },
): Promise<ConnectionFigures> {
  return withPair(program, nodeFlagsOfIdle, async (pair) => {
    const { server, client } = pair
    const first = Math.floor(connections * firstShare)
    await askScale(client, { ask: 'hold', connections: first })
    const before = await memory(pair)
    const opening = await worked(pair, { ask: 'hold', connections })
    const after = await memory(pair)
    const each = (bytes: number) => bytes / (connections - first)
    await askScale(server, { ask: 'watch' })
    const calling = await worked(pair, { ask: 'call', ms: callMs })
    const { longestCollectionMs } = await askScale<ServerPauses>(server, { ask: 'pauses' })
    const figures = {
      residentBytes: each(after.residentBytes - before.residentBytes),
      heapBytes: each(after.heapBytes - before.heapBytes),
      // Each connection has two ends, and both are on this machine.
      kernelBytes: each(after.slabBytes - before.slabBytes) / 2,
      openedUs: opening.serverUs,
      openedPerSecond: opening.units / (opening.elapsedMs / 1000),
      callUs: calling.serverUs,
      longestCollectionMs,
      fullCollectionMs: after.collectionMs,
    }
    if (kind !== 'session') return figures
    const { serverUs: cameBackUs } = await worked(pair, { ask: 'come back' })
    await client.stop()
    const sessions = await detachedAll(pair)
    const { heapBytes } = await memory(pair)
    const detachedHeapBytes = figures.heapBytes + (heapBytes - after.heapBytes) / sessions
    return { ...figures, cameBackUs, detachedHeapBytes }
  })
}

interface Memory extends ServerMemory {
  readonly residentBytes: number
  readonly slabBytes: number
}

async function memory({ server }: Pair): Promise<Memory> {
  const said = await askScale<ServerMemory>(server, { ask: 'memory' })
  return { ...said, residentBytes: server.residentBytes(), slabBytes: slabBytes() }
}

/** The kernel's memory in objects: sockets, files, inodes and others. */
function slabBytes(): number {
  return Number(/^Slab:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024
}

async function worked(
  { server, client }: Pair,
  question: Parameters<typeof askScale>[1],
): Promise<ScaleWork & { readonly serverUs: number }> {
  const before = server.cpuNs()
  const work = await askScale<ScaleWork>(client, question)
  return { ...work, serverUs: (server.cpuNs() - before) / work.units / 1000 }
}

/** The end of a process ends its connections some time later. @returns how many sessions then wait for their clients */
async function detachedAll({ server }: Pair): Promise<number> {
  for (let waitedMs = 0; waitedMs < detachMsMax; waitedMs += lookMs) {
    const { attached, detached } = await askScale<ServerSessions>(server, { ask: 'sessions' })
    if (attached === 0) return detached
    await later(lookMs)
  }
  throw new Error('Sessions were not detached although their client had ended.')
}

const lookMs = 20
/** Less than the time that a session waits for its client (`resumeWindowMs`). */
const detachMsMax = 20_000

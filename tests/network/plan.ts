import type { ClientLimitOptions, ReconnectOptions } from '@frameport/client'
import type { ServerLimitOptions } from '@frameport/server'
import type { SimHostOptions, SimWayOptions } from '@frameport/testing'
import type { Draw } from '../support/draw.ts'
import type { EventName, ProcedureName, Room } from './contract.ts'
import { drawHost, drawWay } from './drawn-network.ts'
import type { Facts } from './model/trace.ts'

export type Act =
  | 'call'
  | 'callClient'
  | 'join'
  | 'publish'
  | 'listen'
  | 'stopListening'
  | 'close'
  | 'dismiss'
  | 'closeServer'
  | 'cut'
  | 'cutLater'
  | 'cutSoon'
  | 'hold'
  | 'release'
  | 'kill'
  | 'start'
  | 'suspend'
  | 'resume'
  | 'retire'
  | 'configure'

/** The limits of sessions on both sides. */
export type Limits = ReturnType<typeof drawLimits>

/** The choices of a seed before the first step. Most runs lack whole kinds of actions. */
export interface Plan {
  readonly servers: readonly string[]
  readonly clients: readonly string[]
  readonly hosts: Readonly<Record<string, SimHostOptions>>
  /** The addresses of each client, by client host. */
  readonly targets: Readonly<Record<string, readonly (readonly string[])[]>>
  /** The servers that refuse every client. */
  readonly unwelcoming: readonly string[]
  /** Hosts without a listener. */
  readonly deserted: readonly string[]
  readonly acts: Readonly<Record<Act, number>>
  /** The relative frequency of each procedure. */
  readonly procedures: Readonly<Record<ProcedureName, number>>
  /** The events that are published and listened to. */
  readonly events: readonly EventName[]
  readonly rooms: readonly Room[]
  readonly limits: Limits
  readonly clientLimits: ClientLimitOptions
  readonly serverLimits: ServerLimitOptions
  /** How clients reconnect. `false`: a client ends with its connection. */
  readonly reconnect: false | ReconnectOptions
  /** Whether each side wants to resume sessions over another connection. */
  readonly resume: Readonly<Record<'clients' | 'servers', boolean>>
  readonly way: SimWayOptions
  readonly steps: number
  /**
   * The chances that a call has a deadline, is cancelled, is refused by its handler, has a slow reader, or has a
   * handler that ignores its signal.
   */
  readonly chances: Readonly<Record<'deadline' | 'cancel' | 'failure' | 'slow' | 'deaf', number>>
  /** The possible lengths of the text of an item. */
  readonly itemLetters: readonly number[]
  /**
   * Whether ways become fast after faults have stopped. Otherwise data in flight, or the last message of a side, would
   * take too long.
   */
  readonly hasCalmWay: boolean
  /** The age in milliseconds at which servers ask the client of a connection to go elsewhere. Undefined: never. */
  readonly connectionAgeMs: number | undefined
  /**
   * The number of events of a topic that the log of a server host, or the shared log, keeps. Undefined: there is no
   * log.
   */
  readonly loggedEventsMax: number | undefined
  readonly logIsShared: boolean
  readonly facts: Facts
}

const connectTimeoutLeastMs = 3_000
const never = Number.POSITIVE_INFINITY
const bothResume = { clients: true, servers: true }
const noClient = { clients: false, servers: true }
const noServer = { clients: true, servers: false }
const windowsMs = [1_000, 5_000, 20_000, 60_000]
const resumeBytesLeast = 65_536
const shortItems = [0, 10, 300, 2_000]
const longItems = [100, 3_000, 20_000]

/** The kinds of faults: none, those of the network, those of processes, or both. */
type Weather = 'calm' | 'network' | 'processes' | 'all'

export function drawPlan(draw: Draw): Plan {
  // A quarter of the runs: many events are published to connections that are full most of the time.
  const isCrowded = draw.chance(0.25)
  // Other runs: a few items fill windows, and the buffers of a session.
  const isLong = !isCrowded && draw.chance(0.2)
  // Other runs: events that are missed while sessions are replaced are read from a log.
  const isLogged = !isLong && draw.chance(0.3)
  // In some runs with several servers, each client has the addresses of all of them, and they share one log.
  const welcoming = names('s', draw.int(1, 3))
  const isSpread = welcoming.length > 1 && draw.chance(0.35)
  const unwelcoming = isSpread && draw.chance(0.5) ? ['unwelcoming'] : []
  const deserted = isSpread && draw.chance(0.4) ? ['deserted'] : []
  const servers = [...welcoming, ...unwelcoming]
  const clients = names('c', draw.int(1, 4))
  const hosts = Object.fromEntries(
    [...servers, ...deserted, ...clients].map((name) => [name, drawHost(draw, isCrowded, isLong)]),
  )
  const drawnLimits = drawLimits(draw, isCrowded)
  const reconnect = drawReconnect(draw, isLong || isLogged || isSpread)
  const resume = isLong
    ? bothResume
    : draw.pick([bothResume, bothResume, bothResume, bothResume, noClient, noServer])
  const windowsDrawn = isLogged ? windowsMs.slice(0, 1) : windowsMs
  const windows = { clients: draw.pick(windowsDrawn), servers: draw.pick(windowsDrawn) }
  const resumes = reconnect !== false && resume.clients && resume.servers
  // With a grace period, in which clients move before their old connection ends.
  const connectionAgeMs =
    drawnLimits.closeGraceMs > 0 && draw.chance(0.3) ? draw.pick([1_000, 2_000, 10_000]) : undefined
  // No call may be lost when a connection reaches its age. So closing waits for a round trip, because a reset would
  // discard data.
  const limits = connectionAgeMs === undefined ? drawnLimits : { ...drawnLimits, closeLingerMs: 1_000 }
  const addresses = [...servers, ...deserted]
  // Each address gets a part of the time.
  const connectTimeoutMs = connectTimeoutLeastMs * (isSpread ? addresses.length : 1)
  const loggedEventsMax = isLogged ? draw.pick([5, 1_000]) : undefined
  return {
    servers,
    clients,
    hosts,
    targets: Object.fromEntries(
      clients.map((name) => [
        name,
        isSpread ? [inAnyOrder(draw, addresses)] : drawTargets(draw, servers).map((each) => [each]),
      ]),
    ),
    unwelcoming,
    deserted,
    acts: {
      ...drawActs(draw, isCrowded, isLong, connectionAgeMs !== undefined),
      ...(isLogged ? { publish: 8, listen: 6 } : {}),
      retire: isSpread ? draw.pick([0, 0.3]) : 0,
    },
    procedures: {
      put: draw.pick([1, 4]),
      get: draw.pick([0, 2]),
      list: isLong ? 4 : draw.pick([0, 4]),
      follow: draw.pick([0, 2]),
      store: isLong ? 4 : draw.pick([0, 4]),
      talk: draw.pick([0, 3]),
      note: draw.pick([0, 2]),
    },
    events: isLogged ? ['news'] : draw.pick([['news'], ['price'], ['line'], ['news', 'price', 'line']]),
    rooms: draw.pick([['east'], ['east', 'west']]),
    limits,
    reconnect,
    resume,
    clientLimits: {
      ...limits,
      connectTimeoutMs,
      resumeWindowMs: windows.clients,
      resumeBytes: isLong ? resumeBytesLeast : draw.pick([resumeBytesLeast, 1_048_576]),
      streamWindowItems: isLong ? 16 : draw.pick([1, 2, 16, 64]),
      uploadWindowItems: isLong ? 64 : draw.pick([1, 3, 64, 256]),
    },
    serverLimits: {
      ...limits,
      resumeWindowMs: windows.servers,
      resumeBytes: isLong ? resumeBytesLeast : draw.pick([resumeBytesLeast, 1_048_576]),
      streamWindowItems: isLong ? 16 : draw.pick([1, 2, 16, 64]),
      uploadWindowItems: isLong ? 64 : draw.pick([1, 3, 64, 256]),
    },
    way: { ...drawWay(draw), ...(isCrowded ? { windowBytes: 1_500 } : {}) },
    steps: draw.int(15, 40),
    chances: {
      deadline: draw.pick([0, 0.2, 0.6]),
      cancel: draw.pick([0, 0.2, 0.6]),
      failure: draw.pick([0, 0.2]),
      slow: draw.pick([0, 0.3]),
      deaf: draw.pick([0.1, 0.5]),
    },
    itemLetters: isLong ? longItems : shortItems,
    hasCalmWay: isLong || isLogged || isSpread || connectionAgeMs !== undefined,
    connectionAgeMs,
    loggedEventsMax,
    logIsShared: isSpread,
    facts: {
      clockRates: Object.fromEntries(Object.entries(hosts).map(([name, { clockRate }]) => [name, clockRate])),
      // If the connector does not end an attempt in time, the client ends it 100 ms later, with its own close.
      connectTimeoutMs: connectTimeoutMs + 100 + limits.closeGraceMs + limits.closeLingerMs,
      closeExtraMs: limits.closeGraceMs + limits.closeLingerMs + 100,
      // The server keeps the session of a killed client until its window ends, on its own clock.
      settleMs: 30_000 + (resumes ? windows.servers / 0.95 : 0),
      reconnects: reconnect !== false,
      resumes,
      loggedEvent: loggedEventsMax === undefined ? undefined : 'news',
      loggedEventsMax: loggedEventsMax ?? 0,
      logIsShared: isSpread,
      lettingNobodyIn: [...unwelcoming, ...deserted],
      // The age varies by a tenth, and is checked 64 times per age.
      connectionAgeMinMs: 0.9 * (connectionAgeMs ?? never),
      // A round over all addresses, after the longest delay.
      clientMovesMs: connectionAgeMs === undefined ? 0 : connectTimeoutMs + 100 + 5_000,
      connectionAgeMaxMs: (1.1 + 1 / 64) * (connectionAgeMs ?? never),
      agedGraceMs: 2 * limits.closeGraceMs,
      // The notice, the grace period, and the additional time of an orderly close.
      connectionLeavesMs: 3 * limits.closeGraceMs + limits.closeLingerMs + 100,
      clientWindowMs: Math.min(windows.clients, windows.servers),
      serverWindowMs: windows.servers,
      reconnectTimeoutMs: reconnect === false ? 0 : (reconnect.reconnectTimeoutMs ?? 0),
    },
  }
}

/** Without a delay that is longer than the time in which everything must settle. */
function drawReconnect(draw: Draw, isSure: boolean): Plan['reconnect'] {
  if (!isSure && draw.chance(0.2)) return false
  return {
    delayMs: draw.pick([50, 200, 1_000]),
    delayMaxMs: draw.pick([1_000, 5_000]),
    reconnectTimeoutMs: draw.pick([never, never, 20_000]),
  }
}

function drawActs(
  draw: Draw,
  isCrowded: boolean,
  isLong: boolean,
  isAgeing: boolean,
): Omit<Plan['acts'], 'retire'> {
  // Where sessions keep much data, the network breaks.
  const weathers = { calm: 2, network: 3, processes: 3, all: 2 }
  const weather: Weather = draw.weighted(
    isLong
      ? { calm: 1, network: 6, processes: 0, all: 1 }
      : // Of an age most can be said where nothing else ends connections.
        { ...weathers, calm: isAgeing ? 8 : 2 },
  )
  const often = (weights: readonly number[]) => draw.pick(weights)
  const network = (weights: readonly number[]) =>
    weather === 'network' || weather === 'all' ? often(weights) : 0
  const process = (weights: readonly number[]) =>
    weather === 'processes' || weather === 'all' ? often(weights) : 0
  return {
    call: 12,
    callClient: often([0, 4]),
    join: often([0, 1]),
    publish: isCrowded ? 12 : often([0, 4, 12]),
    listen: isCrowded ? 6 : often([2, 6]),
    stopListening: often([0, 1]),
    close: often([0, 0, 0.5]),
    dismiss: often([0, 0, 0.5]),
    closeServer: often([0, 0, 0.3]),
    cut: network([0, 1, 2]),
    cutLater: network([0, 1, 2]),
    cutSoon: network([0, 1, 1]),
    hold: network(isLong ? [1, 3] : [0, 1, 2]),
    release: 1,
    kill: process([0, 1]),
    start: 2,
    suspend: process([0, 1]),
    resume: 2,
    configure: often([0, 1]),
  }
}

function inAnyOrder(draw: Draw, all: readonly string[]): readonly string[] {
  const left = [...all]
  return all.map(() => left.splice(draw.int(0, left.length - 1), 1)[0] as string)
}

function drawTargets(draw: Draw, servers: readonly string[]): readonly string[] {
  const targets = servers.filter(() => draw.chance(0.6))
  return targets.length > 0 ? targets : [draw.pick(servers)]
}

function drawLimits(draw: Draw, isCrowded: boolean) {
  return {
    callsInFlightMax: draw.pick([1, 2, 4, 16]),
    pieceBytes: draw.pick([100, 1_000, 16_384]),
    uploadItems: draw.pick([0, 1, 16]),
    handlerStopMs: draw.pick([0, 200, 2_000]),
    helloTimeoutMs: 3_000,
    heartbeatIntervalMs: draw.pick([400, 1_500, 4_000]),
    heartbeatTimeoutMs: 2_500,
    slowSubscriberBytesMax: isCrowded ? 4_096 : draw.pick([4_096, 16_777_216]),
    closeGraceMs: draw.pick([0, 200, 2_000]),
    closeLingerMs: draw.pick([20, 500]),
  }
}

function names(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
}

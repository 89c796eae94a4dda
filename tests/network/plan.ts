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

/** Of the sessions of both sides. */
export type Limits = ReturnType<typeof drawLimits>

/** What a seed decides before the first step. Whole kinds of acts are left out of most runs. */
export interface Plan {
  readonly servers: readonly string[]
  readonly clients: readonly string[]
  readonly hosts: Readonly<Record<string, SimHostOptions>>
  /** By client host: the addresses of each of its clients. */
  readonly targets: Readonly<Record<string, readonly (readonly string[])[]>>
  /** Those of `servers` that refuse every client for good. */
  readonly unwelcoming: readonly string[]
  /** Hosts on which nothing listens. */
  readonly deserted: readonly string[]
  readonly acts: Readonly<Record<Act, number>>
  /** How often a call is of each procedure. */
  readonly procedures: Readonly<Record<ProcedureName, number>>
  /** What is published and listened to. */
  readonly events: readonly EventName[]
  readonly rooms: readonly Room[]
  readonly limits: Limits
  readonly clientLimits: ClientLimitOptions
  readonly serverLimits: ServerLimitOptions
  /** How clients connect again, or that they end with their connection. */
  readonly reconnect: false | ReconnectOptions
  /** Whether each side wants sessions to go on over another connection. */
  readonly resume: Readonly<Record<'clients' | 'servers', boolean>>
  readonly way: SimWayOptions
  readonly steps: number
  /** Chance that a call has a deadline, is given up, is refused by its handler; that a reader is slow; that a handler ignores its signal. */
  readonly chances: Readonly<Record<'deadline' | 'cancel' | 'failure' | 'slow' | 'deaf', number>>
  /** How long the text of an item may be. */
  readonly itemLetters: readonly number[]
  /** Whether ways become fast once faults have stopped: what is under way, or the last word of a side, would take too long else. */
  readonly hasCalmWay: boolean
  /** Milliseconds after which servers ask the client of a connection to go elsewhere. Undefined: never. */
  readonly connectionAgeMs: number | undefined
  /** How many events of a topic the log of a server host, or that of all, keeps. Undefined: there is none. */
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

/** Faults after which nothing was lost on the way: calm networks, faults of the network, of processes, of all. */
type Weather = 'calm' | 'network' | 'processes' | 'all'

export function drawPlan(draw: Draw): Plan {
  // A quarter of the runs: much is published to connections that are full most of the time.
  const isCrowded = draw.chance(0.25)
  // Others: a few items fill windows, and what a session keeps.
  const isLong = !isCrowded && draw.chance(0.2)
  // And others: what is missed while sessions are replaced comes out of a log.
  const isLogged = !isLong && draw.chance(0.3)
  // A quarter of those with several servers: each client has the addresses of all of them, which have one log.
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
  // With a grace, in which clients move before their old connection ends.
  const connectionAgeMs =
    drawnLimits.closeGraceMs > 0 && draw.chance(0.3) ? draw.pick([1_000, 2_000, 10_000]) : undefined
  // Nothing may be lost at its age, so the goodbye has the time of a way there and back: a reset would take it away.
  const limits = connectionAgeMs === undefined ? drawnLimits : { ...drawnLimits, closeLingerMs: 1_000 }
  const addresses = [...servers, ...deserted]
  // Each address has its share of the time.
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
      // An attempt that its connector does not end in time is ended by the client, 100 ms later, with an end of its own.
      connectTimeoutMs: connectTimeoutMs + 100 + limits.closeGraceMs + limits.closeLingerMs,
      closeExtraMs: limits.closeGraceMs + limits.closeLingerMs + 100,
      // Of a client that was killed the server keeps the session until its window is over, on its clock.
      settleMs: 30_000 + (resumes ? windows.servers / 0.95 : 0),
      reconnects: reconnect !== false,
      resumes,
      loggedEvent: loggedEventsMax === undefined ? undefined : 'news',
      loggedEventsMax: loggedEventsMax ?? 0,
      logIsShared: isSpread,
      lettingNobodyIn: [...unwelcoming, ...deserted],
      // It is drawn from a tenth less to a tenth more, and looked at 64 times in an age.
      connectionAgeMinMs: 0.9 * (connectionAgeMs ?? never),
      // A round of all addresses, behind the longest wait.
      clientMovesMs: connectionAgeMs === undefined ? 0 : connectTimeoutMs + 100 + 5_000,
      connectionAgeMaxMs: (1.1 + 1 / 64) * (connectionAgeMs ?? never),
      agedGraceMs: 2 * limits.closeGraceMs,
      // The notice, the grace, and what an end in order may take beyond that.
      connectionLeavesMs: 3 * limits.closeGraceMs + limits.closeLingerMs + 100,
      clientWindowMs: Math.min(windows.clients, windows.servers),
      serverWindowMs: windows.servers,
      reconnectTimeoutMs: reconnect === false ? 0 : (reconnect.reconnectTimeoutMs ?? 0),
    },
  }
}

/** Without a delay that outlasts the time in which everything has to settle. */
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
  // Where much is kept it is the network that breaks.
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

import { describeValue } from '../../checks/check-value.ts'
import { unknownName } from '../../checks/nearest-name.ts'
import { checking, readOnce } from '../../checks/unreadable.ts'
import { defaultMetadataLimits, envelopeLimits } from '../../envelope/envelope-limits.ts'
import { ProtocolError } from '../../protocol-error.ts'

/**
 * The limits of one session, in the units that end their names. Limits that the peer must know are announced in the
 * handshake. Each is a positive integer up to 2^53 − 1, unless it says otherwise; none may be Infinity.
 */
export interface SessionLimits {
  /**
   * The longest payload of a frame, from 4,096 to 2^30 − 1. A longer frame ends the session with FRAME_TOO_LONG.
   * Default: 1 MiB.
   */
  readonly frameBytesMax: number
  /**
   * The longest body, all pieces together. It may be above `frameBytesMax`, but not above `bodiesPartialBytesMax`. A
   * longer body fails its call with RESOURCE_EXHAUSTED. Default: 1 MiB, or `frameBytesMax` if that is more.
   */
  readonly bodyBytesMax: number
  /**
   * Bytes of all bodies that have arrived in part. A body above it fails its call. Default: 8 MiB, or `bodyBytesMax`
   * if that is more.
   */
  readonly bodiesPartialBytesMax: number
  /** The length of the pieces in which this side sends a long body. Default: 16 KiB. */
  readonly pieceBytes: number
  /** Calls of the peer that may be open at once. With 0 the peer cannot make calls. Default: 256. */
  readonly callsInFlightMax: number
  /**
   * Handlers of calls without an answer that run at once; a further call is dropped. With 0 none runs. Default: 256.
   */
  readonly onewaysInFlightMax: number
  /**
   * Milliseconds for which a cancelled call keeps its slot while its handler is still running. From 0 on. Default: 5
   * s.
   */
  readonly handlerStopMs: number
  /** Items that an upload of the peer may send before it gets credit. From 0 on. Default: 16. */
  readonly uploadItems: number
  /** Bytes that an upload of the peer may send before it gets credit. From 0 on. Default: 64 KiB. */
  readonly uploadBytes: number
  /**
   * Calls of this side that wait for the handshake or for a slot at the peer. Further calls fail with
   * RESOURCE_EXHAUSTED. Default: 4096.
   */
  readonly callsQueuedMax: number
  /**
   * Cancelled calls of the peer that have lost their slot while their handlers are still running. Above it new calls
   * are refused. Default: 1024.
   */
  readonly callsAbandonedMax: number
  /**
   * Calls that this side has cancelled and the peer has not answered. Above it further calls wait as for a slot.
   * Default: 1024.
   */
  readonly callsUnansweredMax: number
  /** Milliseconds from the connection to the end of the handshake. Default: 10 s. */
  readonly helloTimeoutMs: number
  /**
   * The longest frame accepted from a peer before the welcome, and the longest challenge and credentials on an open
   * session, in bytes. Default: 64 KiB.
   */
  readonly helloBytesMax: number
  /** Challenges of a server before its welcome. Above it the handshake fails. Default: 8. */
  readonly challengesMax: number
  /**
   * Milliseconds for the answer to a challenge, and for the decision about credentials, on an open session. Default:
   * 10 s.
   */
  readonly credentialsTimeoutMs: number
  /** Milliseconds of silence after which this side sends a ping; 0 turns heartbeats off. Default: 15 s. */
  readonly heartbeatIntervalMs: number
  /** Milliseconds of silence after that ping until the connection ends with HEARTBEAT_TIMEOUT. Default: 20 s. */
  readonly heartbeatTimeoutMs: number
  /** Pairs of metadata in one envelope. With 0 none is accepted. Default: 64. */
  readonly metadataEntriesMax: number
  /** Bytes of the keys and values of metadata in one envelope. From 0 on. Default: 8 KiB. */
  readonly metadataBytesMax: number
  /**
   * Bytes of answers that are queued for a peer that does not read. Above it, or above the low watermark of the
   * stream if that is higher, a server stops reading from its client, and a client refuses calls of its server.
   * Default: 1 MiB.
   */
  readonly answerBytesQueuedMax: number
  /**
   * Bytes of events that wait for a peer that does not keep up. An event above it is left out, or handled as its
   * `whenSlow` says. If gaps count more than it, the oldest gap may wait no longer than an event. Default: 16 MiB.
   */
  readonly slowSubscriberBytesMax: number
  /**
   * Milliseconds that an event waits for such a peer before the peer is disconnected, or the event is handled as its
   * `whenSlow` says. Default: 30 s.
   */
  readonly slowSubscriberMs: number
  /**
   * Calls that a client refuses because its server does not read. Above it the session ends with LIMIT_EXCEEDED.
   * Default: 1024.
   */
  readonly refusalsUnreadMax: number
  /**
   * Calls of the peer that are refused in a second, for any reason, and as many at once. Above it the session ends
   * with LIMIT_EXCEEDED. Default: 1024, or four times `callsInFlightMax` if that is more.
   */
  readonly refusalsPerSecondMax: number
  /**
   * Milliseconds for which a peer may take nothing while this side has stopped reading because of it. Default: 60 s.
   */
  readonly stalledTimeoutMs: number
  /** Pings that are accepted at once, and one more each second. Default: 100. */
  readonly pingsBurstMax: number
  /**
   * Bytes that the session may hold for its peer. Above it calls and pieces of bodies are refused. At least 64 KiB.
   * Default: 16 MiB, or three times `bodiesPartialBytesMax` if that is more.
   */
  readonly sessionMemoryBytesMax: number
  /** Bytes of the inputs of this side's calls that wait to be sent. A single call may be longer. Default: 8 MiB. */
  readonly callBytesQueuedMax: number
  /** The `retryAfterMs` of calls that are refused for lack of memory. From 0 on. Default: 1 s. */
  readonly overloadRetryAfterMs: number
  /** Milliseconds for which the session may handle and send envelopes in one turn of the event loop. Default: 2. */
  readonly sessionTurnMs: number
  /**
   * Envelopes that the session may handle and send in one turn, where each KiB counts as a further one. Default:
   * 4096.
   */
  readonly sessionTurnStepsMax: number
  /**
   * Milliseconds that a frame may take from its first byte to its last, unless it keeps to `frameBytesPerSecondMin`.
   * Of a time without any byte only the beginning counts (`heartbeatIntervalMs`, or half of this limit if that is
   * shorter), because the heartbeat finds peers that are gone. Default: 30 s.
   */
  readonly frameTimeoutMs: number
  /** The lowest rate of a frame that takes longer than `frameTimeoutMs`, in bytes per second. Default: 1024. */
  readonly frameBytesPerSecondMin: number
  /**
   * Milliseconds that `close()` waits for open calls if it is called without `graceMs`. From 0 on. Only
   * `close({ graceMs: Infinity })` waits without end. Default: 5 s.
   */
  readonly closeGraceMs: number
  /** Milliseconds that an ending session waits for the peer to end, too. From 0 on. Default: 1 s. */
  readonly closeLingerMs: number
  /**
   * Bytes of sent envelopes that this side keeps until the peer has acknowledged them, so that the session can
   * continue over another connection. Above it sending waits. 0, or from 65,536 on. Default: 0; the session ends with
   * its connection.
   */
  readonly resumeBytes: number
  /** Milliseconds for which a session that has lost its connection waits for another one. Default: 30 s. */
  readonly resumeWindowMs: number
  /** The longest time until handled envelopes are acknowledged, in milliseconds. Default: 1 s. */
  readonly resumeAckMs: number
}

/** The limits of a session that can continue over another connection. */
export type ResumeLimits = Pick<SessionLimits, 'resumeBytes' | 'resumeWindowMs' | 'resumeAckMs'>

/** The limits of a session that ends with its connection. */
export type ConnectionLimits = Omit<SessionLimits, keyof ResumeLimits>

const KiB = 1024
const MiB = 1024 * KiB

/** The defaults of {@link SessionLimits}, in milliseconds and bytes. */
export const defaultSessionLimits: SessionLimits = {
  /** The default of framing: large enough for records, small enough that one peer cannot hold much memory. */
  frameBytesMax: MiB,
  /** The same as a frame: send a longer document as a stream of items. */
  bodyBytesMax: MiB,
  /** Eight of the longest bodies at once; on a fast network the pieces of one body arrive together. */
  bodiesPartialBytesMax: 8 * MiB,
  /** 8 ms at 16 Mbit/s, the time that a small call waits for a piece before it. */
  pieceBytes: 16 * KiB,
  /** Calls the peer may have open here: a busy page or worker stays below 100; 256 bounds a hostile one. */
  callsInFlightMax: 256,
  /** As many as calls with an answer. There is no slot to wait for, so further calls are dropped. */
  onewaysInFlightMax: 256,
  /** A handler that uses its signal stops within a turn; five seconds are for one that writes to a disk first. */
  handlerStopMs: 5_000,
  /** As many as a client grants by default, and two pieces. */
  uploadItems: 16,
  uploadBytes: 64 * KiB,
  /** Calls of ours that wait for the handshake or for one of the peer's slots before further ones fail. */
  callsQueuedMax: 4096,
  /** Cancelled calls whose handlers still run: each holds memory that the peer no longer pays for. */
  callsAbandonedMax: 1024,
  /** Four times the default slots: a peer that announces more of them and answers none holds no more here. */
  callsUnansweredMax: 1024,
  /** From the first byte of TCP to the end of the handshake; a port scanner holds a socket no longer. */
  helloTimeoutMs: 10_000,
  /**
   * Before anybody is known to be a client: the longest credentials of HTTP fit four times, and a stranger holds no
   * more.
   */
  helloBytesMax: 64 * KiB,
  /** SCRAM takes two and Kerberos three; a server that needs more does not come to an end. */
  challengesMax: 8,
  /** The same as a handshake, which does the same work. */
  credentialsTimeoutMs: 10_000,
  /** Silence after which a ping is sent: below the 30 to 60 s after which home routers forget a connection. */
  heartbeatIntervalMs: 15_000,
  /** Silence after that ping which means the peer is gone: several retransmissions of TCP fit. */
  heartbeatTimeoutMs: 20_000,
  /** Pairs, and bytes of keys and values, in one envelope. */
  ...defaultMetadataLimits,
  /** Answers queued for a peer that does not read, before it has to wait (a client) or is refused (a server). */
  answerBytesQueuedMax: MiB,
  /**
   * Twelve thousand events of 1 KB in one turn. They are held once for all peers that wait, so this is not memory of
   * each peer.
   */
  slowSubscriberBytesMax: 16 * MiB,
  /** The time of a heartbeat with its answer; 16 MiB pass in that time at 4.5 Mbit/s. */
  slowSubscriberMs: 30_000,
  /** Calls of a server refused for that reason before its client gives up: about 100 KiB of refusals. */
  refusalsUnreadMax: 1024,
  /** Four times the default slots, for callers that are refused and try again; a refusal costs about 10 µs. */
  refusalsPerSecondMax: 1024,
  /** The time for which the peer may read nothing while this side has stopped reading because of it. */
  stalledTimeoutMs: 60_000,
  /** Pings accepted at once, and one more each second. This side sends one per silent interval. */
  pingsBurstMax: 100,
  /**
   * Everything with a limit of its own at the same time: 8 MiB of pieces, 4 MiB of events, a frame, answers, and some
   * inputs.
   */
  sessionMemoryBytesMax: 16 * MiB,
  /** The same as the pieces of bodies that a server accepts. */
  callBytesQueuedMax: 8 * MiB,
  /** Memory is free again when some calls have ended, or slow peers were disconnected: both take about a second. */
  overloadRetryAfterMs: 1_000,
  /** Timers are hardly later than this; about 250 small calls fit. */
  sessionTurnMs: 2,
  /** For a clock that does not advance in a turn, as in tests: more than a real clock allows. */
  sessionTurnStepsMax: 4096,
  /** The usual maximum time of a request in HTTP servers; a lost packet costs a second or two. */
  frameTimeoutMs: 30_000,
  /** The speed of a modem of 1990; a frame of 64 KiB then has a minute. */
  frameBytesPerSecondMin: 1024,
  /** How long `close()` waits for open calls by default. */
  closeGraceMs: 5_000,
  /** How long an ending session waits for the peer to end, too, so that its last envelope is not lost in a reset. */
  closeLingerMs: 1_000,
  /** A session cannot reconnect by itself: clients and servers turn this on. */
  resumeBytes: 0,
  /**
   * A train leaves most tunnels, or a server restarts, within this time; other users see absent users as present no
   * longer.
   */
  resumeWindowMs: 30_000,
  /** At most one second of small calls is kept, and an active session uses one timer in that time. */
  resumeAckMs: 1_000,
}

const { resumeBytes, resumeWindowMs, resumeAckMs, ...ofConnection } = defaultSessionLimits

/** The resume limits that clients and servers give a session that can continue over another connection. */
export const defaultResumeLimits: ResumeLimits = {
  /**
   * 18 MB/s in one direction where the way there and back takes 50 ms; 256 sessions that keep all of it fill a server's
   * memory.
   */
  resumeBytes: MiB,
  resumeWindowMs,
  resumeAckMs,
}

/** The defaults of a session that ends with its connection. */
export const defaultConnectionLimits: ConnectionLimits = ofConnection

/** With less, hardly anything could be resumed, and every envelope would need an acknowledgement. */
export const resumeBytesFloor = 64 * KiB

/** The session itself, and the first bytes that arrive for it. */
const sessionMemoryBytesFloor = 64 * KiB

const zeroAllowed: ReadonlySet<string> = new Set([
  'callsInFlightMax',
  'onewaysInFlightMax',
  'handlerStopMs',
  'uploadItems',
  'uploadBytes',
  'heartbeatIntervalMs',
  'metadataEntriesMax',
  'metadataBytesMax',
  'closeGraceMs',
  'closeLingerMs',
  'overloadRetryAfterMs',
  'resumeBytes',
])

/**
 * The defaults with `given` laid over them, checked.
 *
 * @throws ProtocolError INVALID_LIMITS
 */
export function resolveSessionLimits(given: Partial<SessionLimits> = {}): SessionLimits {
  const known = ofFrozen.get(given)
  if (known !== undefined) return known
  const limits = checking(
    () => resolve(given),
    (problem, options) => new ProtocolError('INVALID_LIMITS', problem, options),
  )
  if (isUnchanging(given)) ofFrozen.set(given, limits)
  return limits
}

/**
 * The results for limits that cannot change: a server has one such object for all sessions, which then need no copies.
 */
const ofFrozen = new WeakMap<object, SessionLimits>()

/** Frozen, and without accessors, which may return something else the next time. */
function isUnchanging(given: object): boolean {
  if (!Object.isFrozen(given) || Object.getPrototypeOf(given) !== Object.prototype) return false
  return Object.values(Object.getOwnPropertyDescriptors(given)).every(({ get }) => get === undefined)
}

function resolve(options: Partial<SessionLimits>): SessionLimits {
  const names = Object.keys(defaultSessionLimits)
  const problem = unknownName('limits', options, names)
  if (problem !== undefined) throw new ProtocolError('INVALID_LIMITS', problem)
  const given = readOnce(options, names)
  const limits = { ...defaultSessionLimits, ...(given as Partial<Mutable<SessionLimits>>) }
  // Longer frames mean longer bodies. With shorter frames, bodies of the same length arrive in more pieces.
  if (given.bodyBytesMax === undefined)
    limits.bodyBytesMax = Math.max(limits.bodyBytesMax, limits.frameBytesMax)
  if (given.bodiesPartialBytesMax === undefined)
    limits.bodiesPartialBytesMax = Math.max(limits.bodiesPartialBytesMax, limits.bodyBytesMax)
  // Longer bodies need memory: twice their length, because buffers grow by doubling, and once more for the value.
  if (given.sessionMemoryBytesMax === undefined)
    limits.sessionMemoryBytesMax = Math.max(limits.sessionMemoryBytesMax, 3 * limits.bodiesPartialBytesMax)
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < (zeroAllowed.has(name) ? 0 : 1)) {
      throw new ProtocolError(
        'INVALID_LIMITS',
        `the limit ${name} is ${describeValue(value)}: it must be a ${zeroAllowed.has(name) ? 'non-negative' : 'positive'} integer`,
      )
    }
  }
  if (limits.frameBytesMax < envelopeLimits.frameBytesFloor) {
    throw new ProtocolError(
      'INVALID_LIMITS',
      `frameBytesMax is ${limits.frameBytesMax}: below ${envelopeLimits.frameBytesFloor} a failure would not fit in a frame`,
    )
  }
  if (limits.frameBytesMax > envelopeLimits.frameBytesCeiling) {
    throw new ProtocolError(
      'INVALID_LIMITS',
      `frameBytesMax is ${limits.frameBytesMax}: the two top bits of a frame's length are reserved, so the most is ${envelopeLimits.frameBytesCeiling}`,
    )
  }
  if (limits.sessionMemoryBytesMax < sessionMemoryBytesFloor) {
    throw new ProtocolError(
      'INVALID_LIMITS',
      `sessionMemoryBytesMax is ${limits.sessionMemoryBytesMax}: below ${sessionMemoryBytesFloor} no call could be accepted`,
    )
  }
  if (limits.resumeBytes > 0 && limits.resumeBytes < resumeBytesFloor) {
    throw new ProtocolError(
      'INVALID_LIMITS',
      `resumeBytes is ${limits.resumeBytes}: it must be 0 or at least ${resumeBytesFloor}; with less, every envelope would need an acknowledgement`,
    )
  }
  if (limits.bodyBytesMax > limits.bodiesPartialBytesMax) {
    throw new ProtocolError(
      'INVALID_LIMITS',
      `bodyBytesMax ${limits.bodyBytesMax} is over bodiesPartialBytesMax ${limits.bodiesPartialBytesMax}: a body of that length could never arrive`,
    )
  }
  // A side that grants many slots must expect to refuse all of them at once.
  if (given.refusalsPerSecondMax === undefined)
    limits.refusalsPerSecondMax = Math.max(limits.refusalsPerSecondMax, 4 * limits.callsInFlightMax)
  return limits
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

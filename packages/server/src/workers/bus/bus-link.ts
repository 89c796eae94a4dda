import type { MessagePort } from 'node:worker_threads'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { BusEvent } from '../../event-bus.ts'
import type { WorkerLimits } from '../limits.ts'
import { type BusMessage, costOf, packEvents, unpackEvents } from './bus-messages.ts'
import { InterestTable } from './interest-table.ts'

/** The methods that a link calls on the bus of its worker. */
export interface BusLinkOwner {
  event(event: BusEvent): void
  gap(): void
  /** The other worker does not take its events, and gets no further ones until it has. */
  fellBehind(worker: number): void
  closed(link: BusLink): void
}

/** The options of a link between two workers. */
export interface BusLinkOptions {
  /** The index of the other worker, for logs. */
  readonly worker: number
  /** One port of a `MessageChannel`; the other worker has the other one. */
  readonly port: MessagePort
  /** The `interests` of the bus of the other worker: the topics that it listens to. */
  readonly interests: SharedArrayBuffer
  /** The limits of the link. */
  readonly limits: Pick<WorkerLimits, 'busWindowBytes' | 'busBytesMax' | 'busStalledMs'>
  /** Clock and timers. */
  readonly environment: SessionEnvironment
}

/** The maximum bytes of one message. Fewer bytes of events wait for the end of the turn. */
const messageBytesMax = 65_536

/** A link between two workers. Events go in both directions, and each side reports how much it has taken. */
export class BusLink {
  readonly interests: InterestTable
  readonly #options: BusLinkOptions
  readonly #owner: BusLinkOwner
  /** The events of the next message. */
  #batch: BusEvent[] = []
  #batchBytes = 0
  /** The bytes that were sent and not yet taken. */
  #inFlightBytes = 0
  /** True while the other worker gets no events because it has not taken the earlier ones. */
  #isBehind = false
  /** The bytes that were taken and not yet reported. */
  #takenBytes = 0
  #room: PromiseWithResolve | undefined
  #stall: SessionTimer | undefined
  #isClosed = false
  #opening: PromiseWithResolve | undefined = promiseWithResolve()
  #openingTimer: SessionTimer
  /** This worker began to listen to topics before the other one could see it. */
  #isLate = false

  constructor(options: BusLinkOptions, owner: BusLinkOwner) {
    const { port, interests, environment, limits } = options
    this.#options = options
    this.#owner = owner
    this.interests = new InterestTable(interests)
    this.#openingTimer = environment.setTimer(limits.busStalledMs, () => {
      this.#isLate = true
      this.#opening?.resolve()
    })
    port.on('message', (message: BusMessage) => this.#arrived(message))
    port.on('messageerror', () => owner.gap())
    port.on('close', () => this.close())
    // A server keeps its thread alive; the bus does not.
    port.unref()
    this.#post({ kind: 'open' })
  }

  /**
   * Settles when the other worker sees the topics of this one. It does not wait for a stalled worker: this worker gets
   * a gap later.
   */
  get opened(): Promise<void> | undefined {
    return this.#opening?.promise
  }

  /** @returns a promise that settles when the other worker has taken enough; undefined if it has room */
  send(event: BusEvent): Promise<void> | undefined {
    if (this.#isClosed || this.#isBehind) return undefined
    const { busWindowBytes, busBytesMax } = this.#options.limits
    const cost = costOf(event.body.bytes.length)
    if (this.#inFlightBytes > 0 && this.#inFlightBytes + cost > busBytesMax) {
      this.#fallBehind()
      return undefined
    }
    this.#inFlightBytes += cost
    this.#add(event, cost)
    if (this.#inFlightBytes <= busWindowBytes) return undefined
    this.#watch()
    this.#room ??= promiseWithResolve()
    return this.#room.promise
  }

  close(): void {
    if (this.#isClosed) return
    this.#flush()
    this.#isClosed = true
    this.#stopWatching()
    this.#openingTimer.cancel()
    this.#opening?.resolve()
    this.#options.port.close()
    this.#owner.closed(this)
  }

  #add(event: BusEvent, cost: number): void {
    if (this.#batch.push(event) === 1) queueMicrotask(() => this.#flush())
    this.#batchBytes += cost
    if (this.#batchBytes >= messageBytesMax) this.#flush()
  }

  #flush(): void {
    if (this.#batch.length === 0) return
    const packed = packEvents(this.#batch)
    this.#batch = []
    this.#batchBytes = 0
    this.#post(packed, [packed.bytes.buffer])
  }

  #post(message: BusMessage, transferred: ArrayBuffer[] = []): void {
    if (!this.#isClosed) this.#options.port.postMessage(message, transferred)
  }

  #arrived(message: BusMessage): void {
    if (this.#isClosed) return
    switch (message.kind) {
      case 'open':
        this.#open()
        break
      case 'gap':
        this.#owner.gap()
        break
      case 'taken':
        this.#taken(message.bytes)
        break
      case 'events':
        for (const event of unpackEvents(message)) {
          this.#takenBytes += costOf(event.body.bytes.length)
          this.#owner.event(event)
        }
        this.#tell()
    }
  }

  #open(): void {
    this.#openingTimer.cancel()
    this.#opening?.resolve()
    this.#opening = undefined
    if (this.#isLate) this.#owner.gap()
  }

  /** Reports taken bytes in batches, because the sender has a window. */
  #tell(): void {
    if (this.#takenBytes < this.#options.limits.busWindowBytes / 8) return
    this.#post({ kind: 'taken', bytes: this.#takenBytes })
    this.#takenBytes = 0
  }

  #taken(bytes: number): void {
    this.#inFlightBytes -= bytes
    if (this.#inFlightBytes > this.#options.limits.busWindowBytes / 2) {
      if (this.#room !== undefined) this.#watch()
      return
    }
    this.#stopWatching()
    if (!this.#isBehind) return
    this.#isBehind = false
    // The gap is after the events that the other worker had, and before the next ones.
    this.#post({ kind: 'gap' })
  }

  #fallBehind(): void {
    this.#flush()
    this.#isBehind = true
    this.#stopWatching()
    this.#owner.fellBehind(this.#options.worker)
  }

  #watch(): void {
    const { environment, limits } = this.#options
    this.#stall?.cancel()
    this.#stall = environment.setTimer(limits.busStalledMs, () => this.#fallBehind())
  }

  #stopWatching(): void {
    this.#stall?.cancel()
    this.#stall = undefined
    this.#room?.resolve()
    this.#room = undefined
  }
}

interface PromiseWithResolve {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function promiseWithResolve(): PromiseWithResolve {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

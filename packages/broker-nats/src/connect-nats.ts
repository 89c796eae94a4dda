/// <reference lib="esnext.disposable" />
import { asyncDispose } from '@frameport/protocol/checks'
import type { EventBus, EventHistory } from '@frameport/server'
import { checkConnect, checkLog } from './check-options.ts'
import { NatsBus } from './nats-bus.ts'
import { NatsLink } from './nats-link.ts'
import { NatsLog } from './nats-log.ts'
import type { NatsBrokerOptions, NatsBrokerState, NatsLogOptions } from './options.ts'

/** A connection to NATS that carries events between Frameport servers. {@link connectNats} makes one. */
export interface NatsBroker {
  /** Carries events that no log keeps to the other servers: the option `eventBus` of a server. It uses core NATS, with one subject for each topic. */
  readonly bus: EventBus
  /** `connected`; `away` while the connection is lost and the package reconnects; `closed` after `close()`, permanently. */
  readonly state: NatsBrokerState
  /**
   * Opens a log for the option `eventLogs` of a server. Makes its stream in JetStream if there is none.
   *
   * @example
   * const log = await nats.log({ name: 'chat', limits: { ageMs: 24 * 60 * 60 * 1000 } })
   *
   * @throws NatsBrokerError rejects with `INVALID_OPTION`, `JETSTREAM_OFF`, `LOG_REFUSED`, `NOT_ALLOWED`, `BROKER_AWAY`, `BROKER_SILENT`, `CONNECTION_LOST`, `CLOSED`
   */
  log(options?: NatsLogOptions): Promise<EventHistory>
  /**
   * Waits until the NATS server has read everything that was published, for at most 1 s, and closes the connection. Later calls fail with `CLOSED`. Close the
   * servers that use the connection first. Idempotent.
   */
  close(): Promise<void>
  /** Calls `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Connects to a NATS server. If the connection is lost, the package reconnects until `close()`.
 *
 * @example
 * const nats = await connectNats({ servers: 'nats://10.0.0.1:4222' })
 * const log = await nats.log()
 * const server = createServer(implementation, { eventBus: nats.bus, eventLogs: [{ log, events: [chat.events.line] }] })
 *
 * @throws NatsBrokerError rejects with `INVALID_OPTION`, `CONNECT_FAILED`
 */
export async function connectNats(options: NatsBrokerOptions = {}): Promise<NatsBroker> {
  const link = await NatsLink.connect(checkConnect(options))
  return {
    bus: new NatsBus(link),
    get state() {
      return link.state
    },
    log: async (logOptions: NatsLogOptions = {}) => NatsLog.open(link, checkLog(logOptions)),
    close: () => link.close(),
    [asyncDispose]: () => link.close(),
  }
}

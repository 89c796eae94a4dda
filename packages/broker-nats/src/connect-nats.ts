/// <reference lib="esnext.disposable" />
import { asyncDispose } from '@frameport/protocol/checks'
import type { EventBus, EventHistory } from '@frameport/server'
import { checkConnect, checkLog } from './check-options.ts'
import { NatsBus } from './nats-bus.ts'
import { NatsLink } from './nats-link.ts'
import { NatsLog } from './nats-log.ts'
import type { NatsBrokerOptions, NatsBrokerState, NatsLogOptions } from './options.ts'

/** A connection to NATS that carries the events of servers. */
export interface NatsBroker {
  /** Carries events that no log keeps to the other servers: over core NATS, a subject for each topic. */
  readonly bus: EventBus
  /** `away` while the connection is lost and made again. `closed` is for good. */
  readonly state: NatsBrokerState
  /**
   * Opens a log, and makes its stream in JetStream when there is none.
   *
   * @throws NatsBrokerError `INVALID_OPTION`; rejects with `JETSTREAM_OFF`, `LOG_REFUSED`, `NOT_ALLOWED`, `BROKER_AWAY`, `BROKER_SILENT`, `CONNECTION_LOST`, `CLOSED`
   */
  log(options?: NatsLogOptions): Promise<EventHistory>
  /**
   * Waits for at most 1 s until the NATS server has read what was published, and ends the connection. What is called afterwards fails with `CLOSED`. Servers that use it
   * are closed first. Idempotent; never rejects.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Connects to NATS. The connection is made again by itself when it is lost, until it is closed.
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

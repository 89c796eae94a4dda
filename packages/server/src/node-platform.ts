import { realTimers } from '@frameport/iocp-core'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ServerPlatform } from './server-transport.ts'
import type { ServerOptions } from './server-types.ts'
import { lazyPort, tcpTransport } from './tcp/tcp-transport.ts'

/** The real clock, which no fake stops. Its timers keep no process alive: the listeners do. */
const environment: SessionEnvironment = {
  nowMs: realTimers.nowMs,
  setTimer: realTimers.startTimer,
  random: () => Math.random(),
}

/** @param options of the server, checked */
export function nodePlatform({ completionPort, backend }: ServerOptions<unknown>): ServerPlatform {
  return { environment, transports: [tcpTransport(lazyPort(completionPort, backend))] }
}

import { currentContext, realTimers } from '@frameport/iocp-core'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ClientPlatform } from './client-platform.ts'
import { tcpTransport } from './tcp/tcp-transport.ts'

/** The real clock of Node, which no fake stops. Its timers keep no process alive: the connection does. */
const environment: SessionEnvironment = {
  nowMs: realTimers.nowMs,
  setTimer: realTimers.startTimer,
  random: () => Math.random(),
}

export function nodePlatform(): ClientPlatform {
  const context = currentContext()
  const enter = (callback: () => void) => context.runInAsyncScope(callback)
  return { environment, transports: [tcpTransport], enter }
}

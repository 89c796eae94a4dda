import { AsyncLocalStorage } from 'node:async_hooks'
import { currentContext, realEnvironment } from '@frameport/iocp-core'
import { provideHandledCalls } from '@frameport/protocol/contract'
import type { ClientPlatform } from './client-platform.ts'
import { tcpTransport } from './tcp/tcp-transport.ts'

export function nodePlatform(): ClientPlatform {
  const context = currentContext()
  const enter = (callback: () => void) => context.runInAsyncScope(callback)
  return {
    environment: realEnvironment,
    transports: [tcpTransport],
    enter,
    keepContext: () => {
      const kept = currentContext()
      return (run) => kept.runInAsyncScope(run)
    },
    handledCalls: () => provideHandledCalls(() => new AsyncLocalStorage()),
  }
}

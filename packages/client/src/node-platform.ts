import { AsyncLocalStorage } from 'node:async_hooks'
import { MessageChannel } from 'node:worker_threads'
import { currentContext, realEnvironment } from '@frameport/iocp-core'
import { provideHandledCalls } from '@frameport/protocol/contract'
import type { ClientPlatform } from './client-platform.ts'
import { NodeDiagnostics } from './node-diagnostics.ts'
import { tcpTransport } from './tcp/tcp-transport.ts'
import { tlsTransport } from './tls/tls-transport.ts'
import { wsTransport } from './ws/ws-transport.ts'

/** Keeps the process alive with an open port, because a test runner can fake everything else. */
function holdProcess(): () => void {
  const { port1 } = new MessageChannel()
  // A port with a listener keeps the process alive.
  port1.on('message', () => undefined)
  return () => port1.close()
}

export function nodePlatform(): ClientPlatform {
  const context = currentContext()
  const enter = (callback: () => void) => context.runInAsyncScope(callback)
  return {
    environment: realEnvironment,
    diagnostics: (client) => new NodeDiagnostics(client),
    transports: [tcpTransport, tlsTransport, wsTransport],
    holdProcess,
    enter,
    keepContext: () => {
      const kept = currentContext()
      return (run) => kept.runInAsyncScope(run)
    },
    handledCalls: () => provideHandledCalls(() => new AsyncLocalStorage()),
  }
}

import { AsyncLocalStorage } from 'node:async_hooks'
import { realEnvironment } from '@frameport/iocp-core'
import { provideHandledCalls } from '@frameport/protocol/contract'
import type { ServerOptions } from './option-types.ts'
import type { ServerPlatform } from './server-transport.ts'
import { lazyPort, tcpTransport } from './tcp/tcp-transport.ts'

/** @param options of the server, checked */
export function nodePlatform({ completionPort, backend }: ServerOptions<unknown>): ServerPlatform {
  return {
    environment: realEnvironment,
    transports: [tcpTransport(lazyPort(completionPort, backend))],
    handledCalls: () => provideHandledCalls(() => new AsyncLocalStorage()),
  }
}

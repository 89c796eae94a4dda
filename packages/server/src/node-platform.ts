import { AsyncLocalStorage } from 'node:async_hooks'
import { createHmac, randomBytes } from 'node:crypto'
import { realEnvironment } from '@frameport/iocp-core'
import { provideHandledCalls } from '@frameport/protocol/contract'
import { nodeDiagnostics } from './node-diagnostics.ts'
import type { ServerOptions } from './option-types.ts'
import type { Digest, ServerPlatform } from './server-transport.ts'
import { lazyPort, tcpTransport } from './tcp/tcp-transport.ts'
import { tlsTransport } from './tls/tls-transport.ts'

/** @param options of the server, checked */
export function nodePlatform({ completionPort, backend }: ServerOptions<unknown>): ServerPlatform {
  const port = lazyPort(completionPort, backend)
  return {
    environment: realEnvironment,
    transports: [tcpTransport(port), tlsTransport(port)],
    handledCalls: () => provideHandledCalls(() => new AsyncLocalStorage()),
    digest: keyedDigest,
    diagnostics: nodeDiagnostics,
  }
}

/**
 * HMAC-SHA-256 (RFC 2104) with a key of this server, so that the digests are useless for guessing passwords without the
 * key.
 */
function keyedDigest(): Digest {
  const key = randomBytes(32)
  return (kind, bytes) => createHmac('sha256', key).update(`${kind}:`).update(bytes).digest('base64')
}

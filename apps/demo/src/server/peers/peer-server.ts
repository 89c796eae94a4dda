import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { IocpError } from '@frameport/iocp-core'
import { RpcError } from '@frameport/protocol'
import { createServer, implement, type Server } from '@frameport/server'
import type { Logger } from 'pino'
import type { ChatClock } from '../../chat-clock.ts'
import { heartbeatLimits } from '../../connection-limits.ts'
import { limits } from '../../limits.ts'
import { urlOf } from '../../options.ts'
import { giveFile } from '../files/give-file.ts'
import type { Offers } from '../files/offers.ts'
import type { ServerOptions } from '../options.ts'
import type { PeerAddress } from '../roster/server-beats.ts'
import { chatPeers } from './peer-contract.ts'

export interface PeerServer {
  /** The address that the other servers receive. */
  readonly address: PeerAddress
  /** Where it listens. */
  readonly port: number
  close(): Promise<void>
}

/**
 * Opens the separate port on which the other servers of the chat get files from this one. They have to present the
 * token.
 */
export async function openPeerServer(
  offers: Offers,
  {
    listenHost,
    host,
    port: wanted = 0,
    backend,
    clock,
    log,
  }: {
    /** `listenHost` is the address to listen on, and `host` is the one that the others receive. */
    readonly listenHost: string
    readonly host: string
    /** Default: any free one. */
    readonly port?: number
    readonly backend: ServerOptions['backend']
    readonly clock: ChatClock
    readonly log: Logger
  },
): Promise<PeerServer> {
  const token = randomBytes(32).toString('base64url')
  const server = peerServer(offers, { token, backend, clock, log })
  const { endpoint } = await listening(server, { host: listenHost, port: wanted })
  const port = endpoint.kind === 'tcp' ? endpoint.port : 0
  return {
    port,
    address: { url: urlOf({ host, port }), token },
    close: () => server.close({ graceMs: limits.closeGraceMs }),
  }
}

async function listening(server: Server, { host, port }: { readonly host: string; readonly port: number }) {
  try {
    return await server.listen(urlOf({ host, port }))
  } catch (cause) {
    if (!IocpError.is(cause) || cause.code !== 'ADDRESS_IN_USE') throw cause
    throw new Error(
      `port ${port}, at which other servers get files, is in use. Choose another one with --peer-port.`,
      { cause },
    )
  }
}

function peerServer(
  offers: Offers,
  {
    token,
    backend,
    clock,
    log,
  }: Pick<Parameters<typeof openPeerServer>[1], 'backend' | 'clock' | 'log'> & {
    readonly token: string
  },
): Server {
  const handlers = implement(chatPeers).handlers({
    async *take({ input: { offer, by, name }, upload, errors }) {
      const outcome = offers.takeFor(by, name, offer)
      if (!outcome.ok) throw errors[outcome.refusal.code]({})
      const unfinished = yield* giveFile(outcome.value, upload, clock)
      if (unfinished?.code === 'OFFER_ENDED') throw errors.OFFER_ENDED({ why: unfinished.why })
      if (unfinished?.code === 'TOO_SLOW') throw errors.TOO_SLOW({ stallMs: unfinished.stallMs })
    },
    decline: ({ input: { offer, name } }) => offers.declineFor(name, offer),
  })
  return createServer(handlers, {
    context({ hello }) {
      if (typeof hello.auth !== 'string' || !isSame(hello.auth, token))
        throw new RpcError('UNAUTHENTICATED', 'This port is for the other servers of the chat.')
      return {}
    },
    log: log.child({ port: 'peers' }),
    limits: {
      connectionsMax: limits.peerConnectionsMax,
      ...heartbeatLimits,
    },
    ...(backend === undefined ? {} : { backend }),
  })
}

/** Compares in constant time, so that the duration does not reveal how much of the token was right. */
function isSame(one: string, other: string): boolean {
  const [oneDigest, otherDigest] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(oneDigest as Buffer, otherDigest as Buffer)
}

import { type Client, createClient } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import type { Upload } from '@frameport/server'
import type { Logger } from 'pino'
import * as z from 'zod'
import { clientLimits } from '../../connection-limits.ts'
import { OfferEnd, type Receipt } from '../../file-contract.ts'
import type { Unfinished } from '../files/give-file.ts'
import type { NotTaken, TakenElsewhere } from '../files/offers.ts'
import type { ServerOptions } from '../options.ts'
import type { RosterOffer } from '../roster/roster-offers.ts'
import type { PeerAddress } from '../roster/server-beats.ts'
import { chatPeers } from './peer-contract.ts'

/** The refusals of the other server. Any other error is a failure of that server or of the connection to it. */
const Refusal = z.discriminatedUnion('code', [
  z.object({ code: z.literal('NO_SUCH_FILE') }),
  z.object({ code: z.literal('HAS_BEGUN') }),
  z.object({ code: z.literal('OWN_FILE') }),
  z.object({ code: z.literal('TAKEN_ALREADY') }),
  z.object({ code: z.literal('OFFER_ENDED'), why: OfferEnd }),
  z.object({ code: z.literal('TOO_SLOW'), stallMs: z.number() }),
])

/** The other server cannot be reached, or refuses this one. */
type Apart = { readonly code: 'SERVERS_APART' }

/**
 * Gets files from the other servers of the chat. Each file has its own connection, so that no file waits for another.
 */
export class PeerFiles {
  readonly #peerOf: (server: string) => PeerAddress | undefined
  readonly #backend: ServerOptions['backend']
  readonly #log: Pick<Logger, 'warn'>

  constructor(
    peerOf: (server: string) => PeerAddress | undefined,
    { backend, log }: { readonly backend: ServerOptions['backend']; readonly log: Pick<Logger, 'warn'> },
  ) {
    this.#peerOf = peerOf
    this.#backend = backend
    this.#log = log
  }

  /**
   * The bytes of a file of another server, as fast as they are read.
   *
   * @returns the reason for an early end; undefined at the end of the file
   */
  async *take(
    { elsewhere, name, end }: TakenElsewhere,
    by: string,
    upload: Upload<Receipt>,
  ): AsyncGenerator<Uint8Array, Unfinished | NotTaken | Apart | undefined, undefined> {
    const client = this.#clientOf(elsewhere)
    try {
      if (client === undefined) return { code: 'OFFER_ENDED', why: 'lost' }
      if (!(await this.#isReached(client, elsewhere))) return { code: 'SERVERS_APART' }
      yield* client.take({ offer: elsewhere.number, by, name }, receiptsOf(upload))
      return undefined
    } catch (error) {
      return this.#reasonOf(error, elsewhere)
    } finally {
      end()
      upload.stop()
      await client?.$close({ graceMs: 0 })
    }
  }

  /** Never rejects: a server that is not notified only waits longer. */
  async decline(elsewhere: RosterOffer, name: string): Promise<void> {
    const client = this.#clientOf(elsewhere)
    try {
      await client?.decline({ offer: elsewhere.number, name })
    } catch (err) {
      this.#log.warn(
        { err, server: elsewhere.server },
        'could not notify another server that a member declined a file',
      )
    } finally {
      await client?.$close({ graceMs: 0 })
    }
  }

  async #isReached({ $connection }: Client<typeof chatPeers>, { server }: RosterOffer): Promise<boolean> {
    try {
      await $connection.opened()
      return true
    } catch (err) {
      const facts = { err, server, url: this.#peerOf(server)?.url }
      this.#log.warn(
        facts,
        'another server cannot be reached for a file: check its --peer-host and --peer-port',
      )
      return false
    }
  }

  #clientOf({ server }: RosterOffer): Client<typeof chatPeers> | undefined {
    const peer = this.#peerOf(server)
    if (peer === undefined) return undefined
    return createClient(chatPeers, peer.url, {
      auth: peer.token,
      reconnect: false,
      limits: clientLimits,
      ...(this.#backend === undefined ? {} : { backend: this.#backend }),
    })
  }

  #reasonOf(error: unknown, { server }: RosterOffer): Unfinished | NotTaken {
    const refusal = RpcError.is(error)
      ? Refusal.safeParse({ ...(error.data as object | undefined), code: error.code })
      : undefined
    if (refusal?.success === true) return refusal.data
    this.#log.warn({ err: error, server }, 'a file of another server did not arrive')
    return { code: 'OFFER_ENDED', why: 'lost' }
  }
}

/** Passes the receipt of the taker on to the other server. Ends without a receipt when the taker is gone. */
async function* receiptsOf(upload: Upload<Receipt>): AsyncGenerator<Receipt, void, undefined> {
  try {
    for await (const receipt of upload) yield receipt
  } catch {
    // The call of the taker has ended, and with it the call to the other server.
  }
}

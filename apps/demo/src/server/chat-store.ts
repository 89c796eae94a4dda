import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type EventBus, type EventHistory, type Logger, memoryEventLog } from '@frameport/server'
import { type NatsServer, natsAddressOf } from './nats-address.ts'

/** The data that a server keeps, and its connection to the other servers of its chat. */
export interface ChatStore {
  /** The log of the lines and of the roster. */
  readonly log: EventHistory
  /** Undefined: there are no other servers. */
  readonly bus?: EventBus | undefined
  /** Returns true while the log is known to be unreachable. Default: always false. */
  readonly isAway?: (() => boolean) | undefined
  /** The place of the data, as a part of a sentence; undefined: in memory. */
  readonly place: string | undefined
  /** Problems that the operator of the server has to know, in sentences. */
  readonly warnings: readonly string[]
  close(): Promise<void>
}

/** Where a server keeps its data: in a folder, at a NATS server, or in memory. */
export interface StorePlace {
  readonly folder: string | undefined
  /** The address of the NATS server that connects the servers of one chat. */
  readonly nats: string | undefined
}

/**
 * Opens the store, and creates a missing folder. Without a folder and without a NATS server, the data is in memory
 * only.
 *
 * @throws Error of the file system, of the log or of the NATS server, or an error that explains the failure
 */
export async function openStore({ folder, nats }: StorePlace, logger: Logger): Promise<ChatStore> {
  if (nats !== undefined) return await storeAtNats(nats, logger)
  if (folder === undefined) {
    return { log: memoryEventLog(), place: undefined, warnings: [], close: async () => {} }
  }
  try {
    makeFolder(folder)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The folder ${folder} cannot be created: ${why}. Choose another one with --data.`, {
      cause,
    })
  }
  // Where nothing is kept, the chat runs without SQLite, too: in runtimes and on systems that it has no binary for.
  const { openLineLog } = await import('./line-log.ts')
  const { lineLog: log, warnings } = await openLineLog(folder)
  return { log, place: `in ${folder}`, warnings, close: () => log.close() }
}

/**
 * Creates a folder that other users of this machine cannot read. It creates one level at a time, because `recursive`
 * never ends where the system refuses new folders, as in /proc.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is a file`)
    return
  }
  makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/** The place of the lines with this NATS server, as a part of a sentence. */
export function placeAtNats(nats: string): string {
  return `by the NATS server ${addressOf(nats).server}, which connects the servers of this chat`
}

async function storeAtNats(nats: string, logger: Logger): Promise<ChatStore> {
  const address = addressOf(nats)
  const { server } = address
  let isAway = false
  const broker = await connected(address, (state) => {
    if (state === 'closed') return
    isAway = state === 'away'
    if (isAway)
      logger.warn({ nats: server }, 'the NATS server cannot be reached: lines wait, and nobody can join')
    else logger.info({ nats: server }, 'the NATS server is back')
  })
  try {
    const log = await broker.log({ name: 'chat' })
    return {
      log,
      bus: broker.bus,
      isAway: () => isAway,
      place: placeAtNats(nats),
      warnings: [],
      close: () => broker.close(),
    }
  } catch (error) {
    await broker.close()
    throw error
  }
}

/** @throws Error that explains why there is no connection */
async function connected(
  { server, credentials }: NatsServer,
  onStateChange: (state: 'connected' | 'away' | 'closed') => void,
) {
  const { connectNats, NatsBrokerError } = await import('@frameport/broker-nats')
  try {
    return await connectNats({
      servers: server,
      prefix: 'frameport-chat',
      onStateChange,
      ...(credentials === undefined ? {} : { connection: credentials }),
    })
  } catch (error) {
    if (!NatsBrokerError.is(error) || error.code !== 'CONNECT_FAILED') throw error
    const why = error.cause instanceof Error ? error.cause.message : 'it does not answer'
    throw new Error(`The NATS server ${server} cannot be used: ${why}. ${adviceFor(why, credentials)}`, {
      cause: error,
    })
  }
}

function adviceFor(why: string, credentials: NatsServer['credentials']): string {
  if (!/authori[sz]ation|authentication/i.test(why))
    return 'Check the address of --nats, and that nats-server runs there.'
  return credentials === undefined
    ? 'It asks for a password or a token: --nats nats://USER:PASSWORD@HOST:PORT, or nats://TOKEN@HOST:PORT.'
    : 'Check the user and the password, or the token, of --nats.'
}

/** The options have been read by then. */
function addressOf(nats: string): NatsServer {
  const address = natsAddressOf(nats)
  if (address === undefined) throw new Error('--nats is not the address of a NATS server')
  return address
}

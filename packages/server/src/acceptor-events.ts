import type { ByteStream, FrameChannel } from '@frameport/framing'
import { abortQuietly } from '@frameport/framing/checks'
import type { AcceptedFrom, AcceptorEvents } from './acceptor.ts'
import type { Logger } from './logger.ts'
import { ServerError } from './server-error.ts'
import type { Share } from './shares/share.ts'

/**
 * The methods that the acceptor of `url` calls. They can be detached from the object, and never throw for any argument,
 * because they run in callbacks of sockets.
 *
 * @param accept throws for a connection that the server refuses; calls `known` with the share of the connection
 */
export function acceptorEvents(
  url: string,
  log: Logger,
  accept: (
    connection: FrameChannel | ByteStream,
    from: AcceptedFrom,
    defaultRemote: string,
    known: (share: Share) => void,
  ) => unknown,
): AcceptorEvents {
  return {
    accepted(connection, from = {}) {
      let lines = log
      try {
        accept(connection, from, url, (share) => {
          lines = share.log
        })
      } catch (err) {
        turnAway(connection, { remote: remoteOf(from) ?? url, err }, lines)
      }
    },
    acceptFailed: (err) => log.warn({ url, err }, 'accepting a connection failed and will be retried'),
  }
}

/** The server owns the connection even if it refused it early, so it closes it here. */
function turnAway(
  connection: FrameChannel | ByteStream,
  facts: { readonly remote: string; readonly err: unknown },
  log: Logger,
): void {
  const { err } = facts
  const defect = !ServerError.is(err) || err.code === 'SHARE_KEY_FAILED'
  if (defect) log.error(facts, 'a connection could not be set up and was closed')
  else if (err.code !== 'INVALID_OPTION' || abortQuietly(connection))
    log.warn(facts, 'a connection was turned away')
  else log.warn(facts, 'a connection was turned away and stays open: it could not be aborted')
}

/** The `remoteEndpoint` of the connection, if it can be read. */
function remoteOf(from: unknown): string | undefined {
  try {
    const { remoteEndpoint } = from as AcceptedFrom
    return typeof remoteEndpoint === 'string' ? remoteEndpoint : undefined
  } catch {
    return undefined
  }
}

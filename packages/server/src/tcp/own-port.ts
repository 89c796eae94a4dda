import { type BackendChoice, type CompletionPort, createCompletionPort } from '@frameport/iocp-core'
import { defaultSessionLimits } from '@frameport/protocol/session'

/**
 * Two pieces of a long body: later data waits for at most three. The watermark of the core is for a sender that sends
 * one message after another. With one piece, streams of piece-sized items cost one and a half times as much (ADR 29).
 */
const sendQueueHighBytes = 2 * defaultSessionLimits.pieceBytes
/** A quarter, as in the core: the next piece comes before the queue runs dry. */
const sendQueueLowBytes = sendQueueHighBytes / 4

export const ownWatermarks = { sendQueueHighBytes, sendQueueLowBytes }

/**
 * Opens the port of a server to which none was given.
 *
 * @throws IocpError `BACKEND_UNAVAILABLE`
 */
export function openOwnPort(backend: BackendChoice | undefined): CompletionPort {
  return createCompletionPort(backend === undefined ? ownWatermarks : { ...ownWatermarks, backend })
}

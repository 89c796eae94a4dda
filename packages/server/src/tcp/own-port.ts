import { type BackendChoice, type CompletionPort, createCompletionPort } from '@frameport/iocp-core'
import { defaultSessionLimits } from '@frameport/protocol/session'

/**
 * Two pieces of a long body: what is sent behind them waits for three at most. The core's own watermark is that of somebody who
 * sends one thing after the other. With one piece, streams of items as long as a piece cost half as much again (ADR 29).
 */
const sendQueueHighBytes = 2 * defaultSessionLimits.pieceBytes
/** A quarter, as in the core: the next piece comes before the queue runs dry. */
const sendQueueLowBytes = sendQueueHighBytes / 4

export const ownWatermarks = { sendQueueHighBytes, sendQueueLowBytes }

/**
 * The port of a server that was given none.
 *
 * @throws IocpError `BACKEND_UNAVAILABLE`
 */
export function openOwnPort(backend: BackendChoice | undefined): CompletionPort {
  return createCompletionPort(backend === undefined ? ownWatermarks : { ...ownWatermarks, backend })
}

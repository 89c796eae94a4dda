import { textOfThrown } from './checks/thrown.ts'
import { peerText } from './envelope/peer-text.ts'

/** What the texts of a failure are made of. */
interface FailureParts {
  readonly code: string
  readonly message: string
  readonly procedure?: string | undefined
  readonly data?: unknown
  readonly maybeExecuted: boolean
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** A cause as JSON shows it. */
export interface CauseJson {
  readonly name: string
  readonly message: string
  readonly code?: string | number
  readonly cause?: CauseJson | string
}

/** An RpcError as `JSON.stringify` shows it. What it does not have is left out. */
export interface RpcErrorJson {
  readonly name: 'RpcError'
  readonly code: string
  readonly procedure?: string
  readonly message: string
  readonly data?: unknown
  readonly retryAfterMs?: number
  readonly maybeExecuted: boolean
  readonly cause?: CauseJson | string
}

/** A chain of causes is no longer than this, and one that comes back to its begin ends here, too. */
const causesMax = 8

/** `GONE: tasks/take: the job is gone`. A text that names the procedure itself does not do it twice. */
export function titleOf({ code, procedure, message }: FailureParts): string {
  const parts: unknown[] = [code]
  if (procedure !== undefined && !message.includes(procedure)) parts.push(procedure)
  // A failure that a handler gave without a text has its code as the text.
  if (message !== '' && message !== code) parts.push(message)
  return parts.map(String).join(': ')
}

export function rpcErrorJson(error: FailureParts): RpcErrorJson {
  const { code, procedure, message, data, retryAfterMs, maybeExecuted, cause } = error
  return {
    name: 'RpcError',
    code,
    ...(procedure === undefined ? {} : { procedure }),
    message,
    ...(data === undefined ? {} : { data }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    maybeExecuted,
    ...(cause === undefined ? {} : { cause: causeJson(cause, causesMax) }),
  }
}

/** What led to it may be anything that was thrown, and quote what a peer sent: its texts are cleaned. */
function causeJson(thrown: unknown, depth: number): CauseJson | string {
  const message = peerText(textOfThrown(thrown))
  try {
    if (!(thrown instanceof Error)) return message
    const { name, cause } = thrown
    const { code } = thrown as { readonly code?: unknown }
    return {
      name: peerText(String(name)),
      message,
      ...(typeof code === 'string' ? { code: peerText(code) } : typeof code === 'number' ? { code } : {}),
      ...(cause === undefined || depth <= 1 ? {} : { cause: causeJson(cause, depth - 1) }),
    }
  } catch {
    return message // A getter or a trap throws.
  }
}

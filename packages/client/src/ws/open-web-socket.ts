import type { FrameChannel } from '@frameport/framing'
import { type CloseLike, webSocketChannel } from '@frameport/framing/web-socket'
import type { WebSocketConstructor } from './ws-options.ts'

/** The name by which both sides recognise the protocol. */
const subprotocol = 'frameport.1'

/** Taken when the module loads, so that fake timers of a test runner cannot stop it. */
const { setTimeout, clearTimeout } = globalThis

/**
 * Opens a WebSocket to a server that speaks Frameport, and returns a channel over it.
 *
 * @throws Error with the reason, as far as the platform provides it; the reason of the signal
 */
export function openWebSocket(
  url: string,
  WebSocket: WebSocketConstructor,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<FrameChannel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [subprotocol])
    let problem: Error | undefined
    const settle = (outcome: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      outcome()
    }
    const giveUp = (reason: unknown) =>
      settle(() => {
        socket.close()
        reject(reason)
      })
    const aborted = () => giveUp(signal.reason)
    const timer = setTimeout(() => giveUp(new Error(`${url} did not open within ${timeoutMs} ms`)), timeoutMs)
    signal.addEventListener('abort', aborted, { once: true })
    if (signal.aborted) aborted()
    socket.addEventListener('open', () => {
      if (socket.protocol === subprotocol) {
        // The channel is made here, and not after the promise, because a message that came with the answer may follow
        // at once.
        const channel = webSocketChannel(socket)
        settle(() => resolve(channel))
      } else
        giveUp(
          new Error(
            `${url} does not speak Frameport: the server did not select the subprotocol ${subprotocol}`,
          ),
        )
    })
    // Browsers hide the reason; the package `ws` provides it.
    socket.addEventListener('error', (event) => {
      const { error } = event as { readonly error?: unknown }
      if (error instanceof Error) problem ??= error
    })
    socket.addEventListener('close', (event) => settle(() => reject(didNotOpen(url, event, problem))))
  })
}

function didNotOpen(url: string, { code, reason }: CloseLike, cause: Error | undefined): Error {
  const said = reason === '' ? '' : `, ${reason}`
  const why =
    cause === undefined
      ? `(${code}${said}): nobody listens there, or the server refused, or its certificate was rejected; the platform does not say which`
      : `(${code}${said}): ${cause.message}`
  return new Error(`${url} did not open ${why}`, cause === undefined ? undefined : { cause })
}

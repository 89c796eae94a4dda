import { addAbortSignal, type Duplex } from 'node:stream'

/**
 * The time that a peer has to read a refusal. The refusal may come after earlier answers that the peer has not read.
 */
const refusalTimeoutMs = 1_000

/** Answers, and ends the connection even if the peer does not: the HTTP server no longer counts or times it. */
export function refuseUpgrade(socket: Duplex, status: string, text: string): void {
  socket.on('error', () => undefined)
  addAbortSignal(AbortSignal.timeout(refusalTimeoutMs), socket)
  // Unread input at the end would cause a reset, and the peer might lose the answer.
  socket.resume()
  const body = `${text}\n`
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

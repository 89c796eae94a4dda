import { addAbortSignal, type Duplex } from 'node:stream'

/** How long a peer has to take a refusal. It stands behind what the peer asked before, and has not read perhaps. */
const refusalTimeoutMs = 1_000

/** Answers, and ends the connection, whether the peer does so or not: a server of HTTP counts it no more, and sets it no limit. */
export function refuseUpgrade(socket: Duplex, status: string, text: string): void {
  socket.on('error', () => undefined)
  addAbortSignal(AbortSignal.timeout(refusalTimeoutMs), socket)
  // What is unread when it ends would make a reset of the end, and the peer might lose the answer by that.
  socket.resume()
  const body = `${text}\n`
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

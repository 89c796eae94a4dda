import type { Socket } from 'node:net'

/** A member of a room, whose socket is read by somebody else from now on. */
export interface Member {
  readonly socket: Socket
}

/** Opens connections that are subscribed, with the client library of a contestant. */
export type OpenMember = (port: number) => Promise<Member>

/** Stands in front of the time at which a line was sent, in the text of the line. */
export const marker = 'sent@'
/** Of the time, in microseconds. */
export const digits = 15

export const stamped = (nowMs: number): string =>
  `${marker}${String(Math.round(nowMs * 1000)).padStart(digits, '0')}`

const markerBytes = Buffer.from(marker)

/**
 * Takes lines from a member before its client library sees them: a thousand members on one core could not read as fast as the server sends. What comes together with a line is lost to the library, so that
 * nobody pings; what has no line goes to it. A line comes in one piece, because each is one write of the server and shorter than a packet.
 *
 * @param onLine is given the time at which each line was sent
 */
export function readLines({ socket }: Member, onLine: (sentMs: number) => void): void {
  const listeners = socket.listeners('data') as ((chunk: Buffer) => void)[]
  socket.removeAllListeners('data')
  socket.on('data', (chunk: Buffer) => {
    let at = chunk.indexOf(markerBytes)
    if (at < 0) for (const listener of listeners) listener.call(socket, chunk)
    for (; at >= 0; at = chunk.indexOf(markerBytes, at + markerBytes.length)) {
      const from = at + markerBytes.length
      onLine(Number(chunk.toString('latin1', from, from + digits)) / 1000)
    }
  })
  // A library that reads by other means than 'data' has paused it.
  socket.resume()
}

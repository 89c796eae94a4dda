import { removeIfStill, type SocketFile } from './socket-file.ts'

/** The sockets of this thread that have a path, with the file at each path. */
const own = new Map<object, readonly [path: string, file: SocketFile]>()

/**
 * Remembers a path to remove at `process.exit`, at an uncaught error, and when the loop runs empty. A process that is killed,
 * and a worker thread that is terminated, leave it: the next listener replaces a stale socket.
 *
 * @returns removes the path now, while it still names the same file
 */
export function ownPath(path: string, file: SocketFile): () => void {
  const key = {}
  if (own.size === 0) process.on('exit', removeAll)
  own.set(key, [path, file])
  return () => {
    if (!own.delete(key)) return
    removeIfStill(path, file)
    if (own.size === 0) process.off('exit', removeAll)
  }
}

function removeAll(): void {
  for (const [path, file] of own.values()) removeIfStill(path, file)
}

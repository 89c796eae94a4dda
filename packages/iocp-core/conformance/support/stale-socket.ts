import { once } from 'node:events'
import { linkSync, renameSync } from 'node:fs'
import { createServer } from 'node:net'

/** Makes what a server that was killed leaves: a socket at which nobody listens. Whatever was at the path is replaced. */
export async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer()
  const bound = `${path}.b`
  server.listen(bound)
  await once(server, 'listening')
  // node:net removes the name that it bound, and no other.
  linkSync(bound, `${path}.l`)
  server.close()
  await once(server, 'close')
  renameSync(`${path}.l`, path)
}

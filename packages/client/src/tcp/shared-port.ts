import type { BackendChoice, CompletionPort } from '@frameport/iocp-core'
import { openOwnPort } from './own-port.ts'

interface SharedPort {
  readonly port: CompletionPort
  users: number
}

/** One port for all clients of a process with the same option `backend`, as long as there is such a client. */
const shared = new Map<BackendChoice | undefined, SharedPort>()

/**
 * Returns a port that may be used until `release` is called. Call it once.
 *
 * @throws IocpError `BACKEND_UNAVAILABLE`
 */
export function sharePort(backend: BackendChoice | undefined): {
  readonly port: CompletionPort
  release(): void
} {
  const entry = shared.get(backend) ?? {
    port: openOwnPort(backend),
    users: 0,
  }
  shared.set(backend, entry)
  entry.users++
  return {
    port: entry.port,
    release() {
      entry.users--
      if (entry.users > 0) return
      shared.delete(backend)
      void entry.port.close()
    },
  }
}

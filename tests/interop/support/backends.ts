import { type BackendName, type CompletionPort, createCompletionPort, probe } from '@frameport/iocp-core'

/** The back ends of this system, each with the reason if it cannot run here. */
export const backends: readonly { readonly backend: BackendName; readonly absent?: string }[] = probe()
  .filter(({ cause }) => cause !== 'other_system')
  .map(({ backend, available, reason }) =>
    available ? { backend } : { backend, absent: reason ?? 'unknown' },
  )

/** @throws if another back end than the requested one would run */
export function portOf(backend: BackendName): CompletionPort {
  const port = createCompletionPort({ backend, poisonLentBytes: true })
  if (port.backend !== backend) throw new Error(`asked for ${backend}, got ${port.backend}`)
  return port
}

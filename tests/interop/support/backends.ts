import { type BackendName, type CompletionPort, createCompletionPort, probe } from '@frameport/iocp-core'

interface TestedBackend {
  readonly backend: BackendName
  /** Why it cannot run here. */
  readonly absent?: string
}

/**
 * The back ends of this system: the best one that works, and `net`. Each test starts a process of Python, so the others,
 * which the scenarios test in full, follow only in `npm run verify:full`, which sets `FRAMEPORT_ALL_BACKENDS`.
 */
export const backends: readonly TestedBackend[] = sampled(
  probe().filter(({ cause }) => cause !== 'other_system'),
)

function sampled(results: ReturnType<typeof probe>): readonly TestedBackend[] {
  const best = results.find(({ available }) => available)?.backend
  return results
    .filter(({ backend, available }) => {
      const isWanted =
        backend === best || backend === 'net' || process.env.FRAMEPORT_ALL_BACKENDS !== undefined
      return isWanted || !available
    })
    .map(({ backend, available, reason }) =>
      available ? { backend } : { backend, absent: reason ?? 'unknown' },
    )
}

/** @throws if another back end than the requested one would run */
export function portOf(backend: BackendName): CompletionPort {
  const port = createCompletionPort({ backend, poisonLentBytes: true })
  if (port.backend !== backend) throw new Error(`asked for ${backend}, got ${port.backend}`)
  return port
}

import { createServer } from 'node:net'
import type { ConformanceCase } from '../conformance-case.ts'

/** For cases that need the loopback of IPv6. */
export const ipv6: Pick<ConformanceCase, 'cannotRun'> = {
  async cannotRun() {
    const listens = await new Promise<boolean>((resolve) => {
      const server = createServer().on('error', () => resolve(false))
      server.listen(0, '::1', () => server.close(() => resolve(true)))
    })
    return listens ? undefined : 'this machine has no IPv6 loopback'
  },
}

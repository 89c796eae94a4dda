import { type CompletionPort, createCompletionPort } from '@frameport/iocp-core'
import { connectTls } from '@frameport/iocp-core/tls'
import { makeAuthority } from '../../support/certificates.ts'
import { portWorld } from './port-world.ts'
import type { World } from './world.ts'

const authority = await makeAuthority('Frameport tests')
const served = await authority.issue('localhost')

/** TLS over the best back end of this machine. */
export function tlsWorld(): World & { readonly port: CompletionPort } {
  const ca = authority.cert
  return portWorld(bestBackend(), {
    name: 'tls',
    url: 'tls://127.0.0.1:0',
    listenOptions: served,
    connectOptions: { ca },
    connectRaw: (port, url) => connectTls(port, url, { ca }),
  })
}

function bestBackend() {
  const port = createCompletionPort()
  void port.close()
  return port.backend
}

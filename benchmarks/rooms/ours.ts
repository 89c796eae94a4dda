import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createClient } from '@frameport/client'
import { duplexStream } from '../../examples/transports/duplex-stream.ts'
import { house } from '../rivals/ours.ts'
import { host } from '../support/rival/contestant.ts'
import type { OpenMember } from '../support/room/member.ts'

export { contestant } from '../rivals/ours.ts'

/** Nothing is kept for members that come back, as neither of the others does it: they would have to acknowledge what they do not read. */
export const openMember: OpenMember = async (port) => {
  let socket: Socket | undefined
  const client = createClient(
    house,
    {
      url: `tcp://${host}:${port}`,
      async connect() {
        socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
        await once(socket, 'connect')
        return duplexStream(socket)
      },
    },
    // A line and the answer to a ping may come in one piece, of which the library sees nothing then.
    { resume: false, limits: { heartbeatIntervalMs: 3_600_000 } },
  )
  await client.$on('told', () => undefined).subscribed
  return { socket: socket as Socket }
}

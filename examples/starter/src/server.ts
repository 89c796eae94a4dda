import { createServer } from '@frameport/server'
import { closeOnSignals } from '@frameport/server/node'
import { pino } from 'pino'
import { Bookings } from './bookings.ts'
import { implementDesks } from './handlers.ts'
import { listenForProbes } from './probes.ts'

const { HOST = '127.0.0.1', PORT = '5500', PROBES_PORT = '8080', LOG_LEVEL = 'info' } = process.env
const log = pino({ level: LOG_LEVEL })

const server = createServer(implementDesks(new Bookings()), {
  log,
  // Everybody may hear of bookings. The option `context` is where a client says who it is.
  authorizeSubscribe: () => true,
  // So that clients come to servers that were started later.
  maxConnectionAgeMs: 30 * 60_000,
})
await server.listen(`tcp://${HOST}:${PORT}`) // the log has the URL and the back end
const probes = await listenForProbes(HOST, Number(PROBES_PORT), () => !closing.isClosing)
log.info({ port: probes.port }, 'probes listen')

// At SIGTERM clients are asked to go elsewhere, then open calls finish, and the process ends with exit code 0.
const closing = closeOnSignals(server, {
  log,
  onClosed: () => {
    probes.close()
    log.info('closed')
  },
})

import { createServer, type Server } from '@frameport/server'
import { thisWorker } from '@frameport/server/workers'
import { handlersOf, house, houseOptions } from '../../rivals/ours.ts'
import { host } from '../rival/contestant.ts'

/** Serves the house as one worker of a pool. */
export async function runWorker(): Promise<void> {
  const worker = thisWorker()
  const server: Server = createServer(
    handlersOf((message) => server.publish(house.events.told, message)),
    { ...worker.serverOptions, ...houseOptions },
  )
  await worker.serve(server, `tcp://${host}:0`)
}

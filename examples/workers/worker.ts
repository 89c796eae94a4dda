import { createServer, implement } from '@frameport/server'
import { thisWorker } from '@frameport/server/workers'
import { chat } from './contract.ts'

const worker = thisWorker()

const server = createServer(
  implement(chat).handlers({
    say: async ({ input: { room, text }, publish }) => {
      await publish(chat.events.line, { room }, text)
    },
  }),
  {
    ...worker.serverOptions,
    authorizeSubscribe: () => true,
    eventLogs: [{ log: worker.log('lines'), events: [chat.events.line] }],
  },
)
await worker.serve(server, 'tcp://127.0.0.1:0') // tcp://0.0.0.0:5500 where it is deployed

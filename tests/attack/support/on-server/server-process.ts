import { createServer, type ServerStats } from '@frameport/server'
import { answerQuestions } from '../ask.ts'
import { target } from '../contract.ts'
import { Watch } from '../figures.ts'
import { implementation } from '../handlers.ts'

/**
 * A server: `server-process.ts BACKEND [shares]`. With `shares`, each address of this machine has its own share, like
 * different machines. Without it, the loopback belongs to no share. The well-behaved clients all use 127.0.0.1 and have
 * eight shares, as many as the attackers, because two thousand connections exceed one share.
 */
const backend = process.argv[2] as 'net' | 'epoll' | 'io_uring'

const shareKey = ({ remoteEndpoint }: { readonly remoteEndpoint: string }) => {
  const { hostname, port } = new URL(remoteEndpoint)
  return hostname === '127.0.0.1' ? `${hostname}/${Number(port) % 8}` : hostname
}

const server = createServer(implementation, {
  backend,
  // Half of the attackers' actions would cause a log line.
  log: false,
  ...(process.argv[3] === 'shares' ? { shareKey } : {}),
})
const listener = await server.listen('tcp://0.0.0.0:0')
if (listener.backend !== backend) throw new Error(`asked for ${backend}, got ${listener.backend}`)
const watch = new Watch()

answerQuestions({
  port: () => Number(new URL(listener.url).port),
  reset: (memoryBoundBytes?: number) => watch.reset(memoryBoundBytes),
  figures: () => watch.figures(),
  stats: (): ServerStats => server.stats(),
  publish: ({ room, text }: { room: string; text: string }) =>
    void server.publish(target.events.line, { room }, { text }),
})

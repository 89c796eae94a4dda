import type { RightUse } from './wrong-use.ts'

/** Correct programs that look like mistakes. */
export const rightUses: readonly RightUse[] = [
  {
    what: 'a client that is closed twice',
    wrote: 'await client.$close()\nawait client.$close()',
    does: 'The second call settles together with the first.',
  },
  {
    what: 'a server that is closed twice',
    wrote: 'const server = createServer(impl.handlers(handlers))\nawait server.close()\nawait server.close()',
    does: 'The second call settles together with the first.',
  },
  {
    what: 'an event listener that is removed twice',
    wrote: "const stop = client.$on('closing', () => undefined)\nstop()\nstop()",
    does: 'The second call has no effect.',
  },
  {
    what: 'started() after the end of a stream',
    wrote:
      "const stream = client.stock({ name: 'tea' })\nfor await (const item of stream) Math.abs(item)\nawait stream.started()",
    does: 'The promise settles, because a stream that has ended has also started.',
  },
  {
    what: 'a loop after next()',
    wrote:
      "const stream = client.stock({ name: 'tea' })\nawait stream.next()\nfor await (const item of stream) Math.abs(item)",
    does: 'The loop gets the remaining items.',
  },
  {
    what: 'two clients that share a connector',
    wrote:
      "const { url } = await client.$server.listen('tcp://127.0.0.1:0')\nconst connector = connectTo(url)\nawait Promise.all([createClient(shop, connector).ping(), createClient(shop, connector).ping()])",
    does: 'Each has its own connection, and closes only that one.',
  },
]

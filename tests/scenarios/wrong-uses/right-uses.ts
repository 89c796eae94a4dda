import type { RightUse } from './wrong-use.ts'

/** What newcomers take for a mistake. */
export const rightUses: readonly RightUse[] = [
  {
    what: 'a client that is closed twice',
    wrote: 'await client.$close()\nawait client.$close()',
    does: 'The second one settles with the first.',
  },
  {
    what: 'a server that is closed twice',
    wrote: 'const server = createServer(impl.handlers(handlers))\nawait server.close()\nawait server.close()',
    does: 'The second one settles with the first.',
  },
  {
    what: 'a listener of events that is ended twice',
    wrote: "const stop = client.$on('closing', () => undefined)\nstop()\nstop()",
    does: 'The second one does nothing.',
  },
  {
    what: 'started() after the end of a stream',
    wrote:
      "const stream = client.stock({ name: 'tea' })\nfor await (const item of stream) Math.abs(item)\nawait stream.started()",
    does: 'It settles: a stream that has ended has begun.',
  },
  {
    what: 'a loop behind next()',
    wrote:
      "const stream = client.stock({ name: 'tea' })\nawait stream.next()\nfor await (const item of stream) Math.abs(item)",
    does: 'It takes the items that are left.',
  },
  {
    what: 'two clients that share a connector',
    wrote:
      "const { url } = await client.$server.listen('tcp://127.0.0.1:0')\nconst connector = connectTo(url)\nawait Promise.all([createClient(shop, connector).ping(), createClient(shop, connector).ping()])",
    does: 'Each has a connection of its own, and closes only that.',
  },
]

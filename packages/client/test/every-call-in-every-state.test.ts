import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { clientStates, type ReachedState } from './support/client-states.ts'

/** What users can do with a client, and the promise or value that they get. */
const calls: Readonly<Record<string, (client: ReachedState['client']) => unknown>> = {
  call: (client) => client.ping(),
  subscribed: (client) => client.$on('news', () => undefined).subscribed,
  opened: (client) => client.$connection.opened(),
  closed: (client) => client.$connection.closed(),
  renewAuth: (client) => client.$connection.renewAuth('by hand'),
  'asked auth': (client) => client.$connection.renewAuth(),
  differences: (client) => client.$connection.differences(),
  stats: (client) => client.$connection.stats(),
  hold: (client) => {
    client.$unref()
    client.$ref()
  },
  $close: (client) => client.$close({ graceMs: 100 }),
  dispose: (client) => client[Symbol.asyncDispose](),
}

/**
 * The result of each call in each state: `yes` if it succeeds at once, `later` if it succeeds when the obstacle is
 * gone, `never` if it stays pending while the client lives, or the code with which it fails at once.
 */
const expected = `
state                  | is           | call            | subscribed      | opened      | closed | renewAuth       | asked auth      | differences | stats | hold | $close | dispose
connecting             | connecting   | later           | later           | later       | never  | later           | later           | later       | yes   | yes  | yes    | yes
shaking hands          | connecting   | later           | later           | later       | never  | later           | later           | later       | yes   | yes  | yes    | yes
open                   | open         | yes             | yes             | yes         | never  | yes             | yes             | yes         | yes   | yes  | yes    | yes
lost, waiting          | reconnecting | later           | later           | yes         | never  | later           | later           | yes         | yes   | yes  | yes    | yes
lost, connecting       | reconnecting | later           | later           | yes         | never  | later           | later           | yes         | yes   | yes  | yes    | yes
lost, shaking hands    | reconnecting | later           | later           | yes         | never  | later           | later           | yes         | yes   | yes  | yes    | yes
moving                 | open         | yes             | yes             | yes         | never  | yes             | yes             | yes         | yes   | yes  | yes    | yes
left                   | reconnecting | later           | later           | yes         | never  | later           | later           | later       | yes   | yes  | later  | later
draining, closed here  | draining     | UNAVAILABLE     | UNAVAILABLE     | yes         | later  | yes             | yes             | yes         | yes   | yes  | later  | later
draining, closed there | draining     | UNAVAILABLE     | UNAVAILABLE     | yes         | later  | yes             | yes             | yes         | yes   | yes  | later  | later
closed                 | closed       | UNAVAILABLE     | UNAVAILABLE     | yes         | yes    | UNAVAILABLE     | UNAVAILABLE     | yes         | yes   | yes  | yes    | yes
never open             | closed       | UNAVAILABLE     | UNAVAILABLE     | UNAVAILABLE | yes    | UNAVAILABLE     | UNAVAILABLE     | yes         | yes   | yes  | yes    | yes
given up               | closed       | UNAVAILABLE     | UNAVAILABLE     | yes         | yes    | UNAVAILABLE     | UNAVAILABLE     | yes         | yes   | yes  | yes    | yes
refused                | closed       | UNAUTHENTICATED | UNAUTHENTICATED | yes         | yes    | UNAUTHENTICATED | UNAUTHENTICATED | yes         | yes   | yes  | yes    | yes
`

const [head = [], ...rows] = expected
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe.each(rows)('a client that is %s', (...row) => {
  const [name, is, ...cells] = row as readonly string[]
  const reach = clientStates[name as keyof typeof clientStates]

  it.each(cells.map((cell, index) => [head[index + 2] as string, cell] as const))(
    'and whose user asks for %s: %s',
    async (asked, outcome) => {
      const reached = await reach()
      const { network, client, changes } = reached
      expect(client.$connection.state).toBe(is)
      const told: string[] = []
      const call = async () => calls[asked]?.(client)
      void call().then(
        () => told.push('yes'),
        (error: RpcError) => told.push(RpcError.is(error) ? error.code : String(error)),
      )
      await network.clock.settle()
      const atOnce = told[0]
      reached.recover()
      const isEnded = client.$connection.state === 'closed'
      const before = [network.knocks.length, reached.asked.length]
      await network.clock.advance(70_000)
      expect(atOnce ?? (told[0] === undefined ? 'never' : 'later')).toBe(outcome)
      expect(told.filter((each) => each !== 'yes' && each !== outcome)).toEqual([])
      if (isEnded) expect([network.knocks.length, reached.asked.length]).toEqual(before)
      expect(await network.leftOvers(client)).toEqual([])
      const ends = changes.filter(({ state }) => state === 'closed')
      expect([ends.length, ends[0]?.reason !== undefined, changes.at(-1)?.state]).toEqual([1, true, 'closed'])
    },
  )
})

it('the table has a row of each state and a cell for each call', () => {
  expect(rows.map(([name]) => name)).toEqual(Object.keys(clientStates))
  expect(head.slice(2)).toEqual(Object.keys(calls))
})

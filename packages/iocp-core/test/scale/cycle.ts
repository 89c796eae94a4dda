import assert from 'node:assert/strict'
import { type CompletionPort, type Connection, IocpError } from '../../src/index.ts'

/** The ways to end a connection. The client's first byte tells the server which one. */
export const endings = [
  'both end',
  'client resets',
  'server resets',
  'reset with bytes in flight',
  'never used',
] as const

type Ending = (typeof endings)[number]

/** More than the socket buffers take if the peer does not read: a send is in flight when the reset comes. */
const flood = new Uint8Array(256 * 1024)

const nothing = { data() {}, end() {}, drain() {}, close() {} }

/** The accepting side of a cycle. */
export function serveCycle(connection: Connection): void {
  connection.start({
    ...nothing,
    data(chunk) {
      const ending = endings[chunk[0]!]
      if (ending === 'server resets') connection.abort()
      else if (ending === 'reset with bytes in flight') connection.send(flood)
      else connection.send(chunk)
    },
    end: () => connection.end(),
  })
}

/** Runs one connection from its connect to its close. The number of the cycle selects the way to end. */
export async function runCycle(port: CompletionPort, url: string, cycle: number): Promise<void> {
  const ending = endings[cycle % endings.length]!
  const connection = await port.connect(url)
  const error = await new Promise<Error | undefined>((resolve) => {
    connection.start({
      ...nothing,
      data() {
        if (ending === 'both end') connection.end()
        else connection.abort()
      },
      close: resolve,
    })
    if (ending === 'never used') connection.abort()
    else connection.send(Uint8Array.of(endings.indexOf(ending)))
  })
  assertEnded(ending, error)
}

function assertEnded(ending: Ending, error: Error | undefined): void {
  const code = IocpError.is(error) ? error.code : error
  assert.equal(code, ending === 'server resets' ? 'CONNECTION_RESET' : undefined)
}

import type { FrameChannel } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { acceptorEvents } from '../../src/acceptor-events.ts'
import type { Logger } from '../../src/logger.ts'
import { ServerError } from '../../src/server-error.ts'
import type { Share } from '../../src/shares/share.ts'

type Line = readonly [level: string, facts: Readonly<Record<string, unknown>>, text: string]

function recording(): { readonly log: Logger; readonly lines: Line[] } {
  const lines: Line[] = []
  const line = (level: string) => (facts: Readonly<Record<string, unknown>>, text: string) =>
    void lines.push([level, facts, text])
  return {
    lines,
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
  }
}

/** A channel that only knows whether it was aborted. */
function channel(): FrameChannel & { readonly state: string } {
  const made = {
    state: 'open',
    abort() {
      made.state = 'closed'
    },
  }
  return made as unknown as FrameChannel & { readonly state: string }
}

const url = 'pipe:room'
const refusing = (err: unknown) => {
  const { log, lines } = recording()
  const events = acceptorEvents(url, log, () => {
    throw err
  })
  return { events, lines }
}

describe('A connection that the server does not accept', () => {
  const closed = new ServerError('SERVER_CLOSED')
  const failed = new ServerError('SHARE_KEY_FAILED', 'shareKey threw')
  const wrong = new ServerError('INVALID_OPTION', 'from is 5')
  const defect = new Error('a defect')

  it.each<[string, unknown, string, string]>([
    ['a limit or the end of the server', closed, 'warn', 'a connection was turned away'],
    ['invalid facts from the acceptor', wrong, 'warn', 'a connection was turned away'],
    ['a shareKey that failed', failed, 'error', 'a connection could not be set up and was closed'],
    ['a defect', defect, 'error', 'a connection could not be set up and was closed'],
  ])('because of %s is logged, with its origin and the reason', (_, err, level, text) => {
    const { events, lines } = refusing(err)
    events.accepted(channel(), { remoteEndpoint: 'pipe:guest' })
    events.accepted(channel())
    expect(lines).toEqual([
      [level, { remote: 'pipe:guest', err }, text],
      [level, { remote: url, err }, text],
    ])
  })

  it('is aborted if the facts from the acceptor are invalid; in other cases the server has aborted it', () => {
    const aborted = [wrong, closed, defect].map((err) => {
      const a = channel()
      refusing(err).events.accepted(a)
      return a.state
    })
    expect(aborted).toEqual(['closed', 'open', 'open'])
  })

  it.each<[string, unknown]>([
    ['a number', { remoteEndpoint: 5 }],
    ['null', null],
    [
      'a getter that throws',
      Object.defineProperty({}, 'remoteEndpoint', {
        get: () => {
          throw new Error('no')
        },
      }),
    ],
  ])('comes from the acceptor if its origin is %s', (_, from) => {
    const { events, lines } = refusing(closed)
    events.accepted(channel(), from as never)
    expect(lines[0]?.[1]).toEqual({ remote: url, err: closed })
  })

  it('is logged by its share as soon as the share is known', () => {
    const server = recording()
    const share = recording()
    const events = acceptorEvents(url, server.log, (_connection, _from, _default, known) => {
      known({ log: share.log } as Share)
      throw closed
    })
    events.accepted(channel())
    expect([server.lines.length, share.lines.length]).toEqual([0, 1])
  })
})

it('an error of accepting is a warning with the url and the error', () => {
  const { events, lines } = refusing(undefined)
  const err = new Error('EMFILE')
  events.acceptFailed(err)
  expect(lines).toEqual([['warn', { url, err }, 'accepting a connection failed and will be retried']])
})

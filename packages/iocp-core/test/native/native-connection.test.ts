import { describe, expect, test, vi } from 'vitest'
import { sendRefused } from '../../src/contract/driver.ts'
import type { NativePort } from '../../src/native/addon-types.ts'
import {
  type ConnectionHost,
  type ConnectionState,
  connectionMoves,
  NativeConnection,
} from '../../src/native/native-connection.ts'
import type { SendArena } from '../../src/native/send-arena.ts'
import { everySequence } from './sequences.ts'

/** A connection without an addon. Its calls of the driver are recorded. */
function scripted() {
  const calls: string[] = []
  const told: number[] = []
  let toDeliver: NativeConnection[] = []
  const native = {
    receiveStart: () => calls.push('receiveStart') < 0,
    receiveStop: () => calls.push('receiveStop'),
    closeConnection: () => calls.push('close'),
  }
  const host: ConnectionHost = {
    native: native as unknown as NativePort,
    arena: {} as SendArena,
    schedule: () => undefined,
    holdChanged: () => undefined,
    deliverHeld: (connection) => toDeliver.push(connection),
  }
  const connection = new NativeConnection(host, 1, 1, { kind: 'unix', path: 'scripted' })
  const events = {
    received: (bytes: Uint8Array) => void told.push(...bytes),
    receivedEnd: () => void calls.push('end told'),
    sendProgress: () => undefined,
    closed: () => void calls.push('close told'),
  }
  connection.events = events
  const turn = () => {
    const due = toDeliver
    toDeliver = []
    for (const each of due) each.deliverHeld()
  }
  return { connection, events, calls, told, turn }
}

type Event = 'start' | 'stop' | 'bytes' | 'end' | 'turn' | 'close' | 'closed'

const events: readonly Event[] = ['start', 'stop', 'bytes', 'end', 'turn', 'close', 'closed']

/** The events that lead to each state. */
const ways: Readonly<Record<ConnectionState, readonly Event[]>> = {
  stopped: [],
  receiving: ['start'],
  holding: ['bytes'],
  delivering: ['bytes', 'start'],
  ended: ['end'],
  closing: ['close'],
  closed: ['closed'],
}

const unchanged: Record<Event, ''> = {
  start: '',
  stop: '',
  bytes: '',
  end: '',
  turn: '',
  close: '',
  closed: '',
}

/** The next state after each event; empty: no change. An end that waits behind held bytes changes nothing yet. */
const table: Readonly<Record<ConnectionState, Readonly<Record<Event, ConnectionState | ''>>>> = {
  stopped: {
    ...unchanged,
    start: 'receiving',
    bytes: 'holding',
    end: 'ended',
    close: 'closing',
    closed: 'closed',
  },
  receiving: { ...unchanged, stop: 'stopped', end: 'ended', close: 'closing', closed: 'closed' },
  holding: { ...unchanged, start: 'delivering', close: 'closing', closed: 'closed' },
  delivering: { ...unchanged, stop: 'holding', turn: 'receiving', close: 'closing', closed: 'closed' },
  ended: { ...unchanged, close: 'closing', closed: 'closed' },
  closing: { ...unchanged, closed: 'closed' },
  closed: unchanged,
}

function player() {
  const made = scripted()
  let sent = 0
  const play = (event: Event) => {
    const { connection } = made
    if (event === 'start') connection.receiveStart()
    if (event === 'stop') connection.receiveStop()
    if (event === 'bytes') connection.received(Uint8Array.of(sent++))
    if (event === 'end') connection.receivedEnd()
    if (event === 'turn') made.turn()
    if (event === 'close') connection.close(true)
    // The addon reports it once.
    if (event === 'closed' && connection.state !== 'closed') connection.closed(0)
  }
  return { ...made, play, sent: () => sent }
}

describe('the states of a connection over the addon', () => {
  const cells = (Object.keys(table) as ConnectionState[]).flatMap((state) =>
    events.map((event) => ({ state, event, to: table[state][event] || state })),
  )

  test.each(cells)('$event in $state leads to $to', ({ state, event, to }) => {
    const { connection, play } = player()
    for (const each of ways[state]) play(each)
    expect(connection.state).toBe(state)
    play(event)
    expect(connection.state).toBe(to)
  })

  test('every move of the table is allowed, and no other move is', () => {
    for (const state of Object.keys(table) as ConnectionState[]) {
      const reached = new Set(Object.values(table[state]).filter((to) => to !== ''))
      // A turn reports the end that waits behind held bytes.
      if (state === 'delivering') reached.add('ended')
      expect(new Set(connectionMoves[state])).toEqual(reached)
    }
  })

  test('a second close from the addon is refused', () => {
    const { connection } = player()
    connection.closed(0)
    expect(() => connection.closed(0)).toThrow('connection 1 of generation 1 moved from closed to closed')
  })

  test('in every order of events, bytes come once, in order, only after a start, and before the end', () => {
    for (const sequence of everySequence(events, 6)) {
      const { connection, events: sink, calls, told, turn, play, sent } = player()
      let ended = false
      sink.received = (bytes) => {
        if (!['receiving', 'delivering'].includes(connection.state))
          throw new Error(`bytes while ${connection.state}`)
        if (calls.includes('end told')) throw new Error('bytes behind the end')
        told.push(...bytes)
      }
      for (const event of sequence) {
        // No bytes come after the end.
        if (event === 'bytes' && ended) continue
        if (event === 'end') ended = true
        play(event)
      }
      const closes = sequence.includes('close') || sequence.includes('closed')
      connection.receiveStart()
      turn()
      const inOrder = Array.from({ length: told.length }, (_, index) => index)
      if (told.join() !== inOrder.join()) throw new Error(`${sequence}: told ${told}`)
      if (!closes && told.length !== sent()) throw new Error(`${sequence}: told ${told.length} of ${sent()}`)
      const ends = calls.filter((call) => call === 'end told').length
      if (!closes && ends !== (ended ? 1 : 0)) throw new Error(`${sequence}: ${ends} ends told`)
    }
  })

  test('a callback that stops keeps the rest for the next start', () => {
    const { connection, events: sink, told, turn } = scripted()
    for (let piece = 0; piece < 4; piece++) connection.received(Uint8Array.of(piece))
    connection.receivedEnd()
    sink.received = (bytes) => {
      told.push(...bytes)
      connection.receiveStop()
    }
    for (let round = 1; round <= 4; round++) {
      connection.receiveStart()
      turn()
      turn()
      expect(told).toHaveLength(round)
      expect(connection.state).toBe('holding')
    }
    connection.receiveStart()
    turn()
    expect(connection.state).toBe('ended')
    expect(told).toEqual([0, 1, 2, 3])
  })
})

test('holding back ten times as many pieces copies ten times as much', () => {
  const copiedFor = (pieces: number) => {
    let copied = 0
    const copies = (['set', 'slice'] as const).map((method) => {
      const real = Uint8Array.prototype[method] as (...args: unknown[]) => unknown
      return vi.spyOn(Uint8Array.prototype, method).mockImplementation(function (
        this: Uint8Array,
        ...args: never[]
      ) {
        copied += method === 'set' ? (args[0] as unknown as Uint8Array).length : this.length
        return real.apply(this, args)
      } as unknown as never)
    })
    try {
      const { connection, events: sink, turn } = scripted()
      let bytes = 0
      sink.received = (chunk) => {
        bytes += chunk.length
      }
      for (let piece = 0; piece < pieces; piece++) connection.received(new Uint8Array(100))
      connection.receiveStart()
      turn()
      expect(bytes).toBe(pieces * 100)
    } finally {
      for (const copy of copies) copy.mockRestore()
    }
    return copied
  }
  expect(copiedFor(1000)).toBe(1000 * 100)
  expect(copiedFor(10_000)).toBe(10_000 * 100)
})

describe('sends that leave with the first half of a turn', () => {
  /** A connection whose next send in the arena the system refuses. */
  function refused() {
    const progress: number[] = []
    const scheduled = vi.fn()
    const arena = {
      append: (into: NativeConnection) => {
        into.broken = true
      },
    }
    const host: ConnectionHost = {
      native: { send: () => 0 } as unknown as NativePort,
      arena: arena as unknown as SendArena,
      schedule: scheduled,
      holdChanged: () => undefined,
      deliverHeld: () => undefined,
    }
    const connection = new NativeConnection(host, 1, 1, { kind: 'unix', path: 'scripted' })
    connection.events = {
      received: () => undefined,
      receivedEnd: () => undefined,
      sendProgress: (bytes) => void progress.push(bytes),
      closed: () => undefined,
    }
    return { connection, progress, scheduled }
  }

  test('are refused if the system refuses them, and make no progress', () => {
    const { connection, progress } = refused()
    expect(connection.send([new Uint8Array(3)], 3)).toBe(sendRefused)
    connection.tellProgress()
    expect(progress).toEqual([])
    expect(connection.send([new Uint8Array(3)], 3)).toBe(sendRefused)
  })

  test('are followed by a turn, also after a long send that the system took completely', () => {
    const { connection, scheduled } = refused()
    const long = new Uint8Array(1024 * 1024)
    expect(connection.send([long], long.length)).toBe(0)
    expect(scheduled).toHaveBeenCalledTimes(1)
  })
})

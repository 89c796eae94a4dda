import assert from 'node:assert/strict'
import type { CompletionPort, Connection, Listener } from '../../src/index.ts'
import { IocpError } from '../../src/index.ts'
import { pattern, text } from '../support/bytes.ts'
import { allZero, eventually } from '../support/eventually.ts'
import { Recorder } from '../support/recorder.ts'

const large = pattern(5 * 1024 * 1024)
const medium = pattern(40_000)

/** Two, so that what one side does wakes nobody on the other: each has to notice its own failures. */
export interface Ports {
  readonly serving: CompletionPort
  readonly connecting: CompletionPort
}

/**
 * Everything that a port does, in a form that any failure may cut short: each step goes on when what it waits for has
 * happened or its connection is closed. What may not happen is that a step waits for ever, that an error is no
 * IocpError, that a sink sees its rules broken, or that something is alive at the end.
 */
export async function scenario({ serving, connecting }: Ports, signal: AbortSignal): Promise<void> {
  const listeners: Listener[] = []
  const echoing = await listen(serving, listeners, echo(signal))
  const slow = await listen(serving, listeners, readSlowly)
  if (echoing !== undefined) {
    await Promise.all([exchange(connecting, echoing, signal), exchange(connecting, echoing, signal)])
    await pauseAndResume(connecting, echoing, signal)
    await reset(connecting, echoing, signal)
  }
  if (slow !== undefined) {
    await sendMuchAndEnd(connecting, slow, signal)
    await sendMuchAndAbort(connecting, slow, signal)
  }
  await Promise.all(listeners.map((listener) => listener.close()))
  if (echoing !== undefined) await expectNobody(connecting, echoing, signal)
  const counters = () => [serving.counters, connecting.counters]
  await eventually(
    signal,
    () => counters().every(allZero),
    () => `zero: ${JSON.stringify(counters())}`,
  )
  await leaveOpen(serving, connecting)
}

/** The result, or nothing when it failed with an error of ours. */
async function settled<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise
  } catch (error) {
    assertTyped(error)
    return undefined
  }
}

function assertTyped(error: unknown): void {
  assert.ok(IocpError.is(error), `expected an IocpError, got ${String(error)}`)
}

async function listen(
  port: CompletionPort,
  listeners: Listener[],
  onConnection: (connection: Connection) => void,
): Promise<Listener | undefined> {
  const options = { onAcceptError: assertTyped }
  const listener = await settled(port.listen('tcp://127.0.0.1:0', onConnection, options))
  if (listener !== undefined) listeners.push(listener)
  return listener
}

function connect(port: CompletionPort, listener: Listener): Promise<Connection | undefined> {
  return settled(port.connect(listener.endpoint))
}

/**
 * A connect to the port of a closed listener fails. Now and then the system gives it that very port as its own, and TCP
 * connects the socket with itself (RFC 9293, 3.5: simultaneous open): then nobody has accepted it either.
 */
async function expectNobody(port: CompletionPort, closed: Listener, signal: AbortSignal): Promise<void> {
  const connection = await connect(port, closed)
  if (connection === undefined) return
  const { localEndpoint, remoteEndpoint } = connection
  assert.deepEqual(localEndpoint, remoteEndpoint, 'a closed listener accepts nobody')
  const sink = started(connection)
  connection.abort()
  await closeOf(sink, signal)
}

/** Sends everything back, and stops reading while its own queue is full. */
function echo(signal: AbortSignal): (connection: Connection) => void {
  return (connection) => {
    const sink = new Recorder(
      {
        data(chunk) {
          if (connection.send(chunk) === 'full') connection.pause()
        },
        drain: () => connection.resume(),
        end: () => connection.end(),
      },
      false,
    )
    connection.start(sink)
    void closeOf(sink, signal)
  }
}

/** Reads nothing at first, so that the peer's sends find no room; then, from a turn of its own, everything. */
function readSlowly(connection: Connection): void {
  connection.pause()
  connection.start(new Recorder({ end: () => connection.end() }, false))
  setTimeout(() => connection.resume(), 5)
}

/** A client that ends when its peer does. */
function started(connection: Connection, data?: (chunk: Uint8Array) => void): Recorder {
  const sink = new Recorder({ ...(data === undefined ? {} : { data }), end: () => connection.end() }, false)
  connection.start(sink)
  return sink
}

async function closeOf(sink: Recorder, signal: AbortSignal): Promise<void> {
  await sink.until(signal, 'the close', () => sink.closed)
  if (sink.closeError !== undefined) assertTyped(sink.closeError)
  assert.equal(sink.broken, undefined)
}

function bytesOf(sink: Recorder, bytes: number, signal: AbortSignal): Promise<void> {
  return sink.until(signal, `${bytes} bytes or the close`, () => sink.bytes >= bytes || sink.closed)
}

async function exchange(port: CompletionPort, listener: Listener, signal: AbortSignal): Promise<void> {
  const connection = await connect(port, listener)
  if (connection === undefined) return
  const sink = started(connection)
  connection.send(text('small'))
  connection.send([text('parts '), text('of one')])
  await bytesOf(sink, 17, signal)
  connection.send(medium)
  connection.send(text('behind'))
  await bytesOf(sink, 17 + medium.length + 6, signal)
  connection.end()
  await closeOf(sink, signal)
}

async function pauseAndResume(port: CompletionPort, listener: Listener, signal: AbortSignal): Promise<void> {
  const connection = await connect(port, listener)
  if (connection === undefined) return
  const sink = started(connection, () => {
    connection.pause()
    // From a turn of its own: nobody gathers just then.
    setTimeout(() => connection.resume(), 1)
  })
  for (let round = 1; round <= 3; round++) {
    connection.send(text('again'))
    await bytesOf(sink, round * 5, signal)
  }
  connection.end()
  await closeOf(sink, signal)
}

async function reset(port: CompletionPort, listener: Listener, signal: AbortSignal): Promise<void> {
  const connection = await connect(port, listener)
  if (connection === undefined) return
  const sink = started(connection)
  connection.send(text('gone'))
  await bytesOf(sink, 4, signal)
  connection.abort()
  await closeOf(sink, signal)
}

async function sendMuchAndEnd(port: CompletionPort, listener: Listener, signal: AbortSignal): Promise<void> {
  const connection = await connect(port, listener)
  if (connection === undefined) return
  const sink = started(connection)
  // By then the port sleeps, and nothing but the send itself can wake it.
  await new Promise((resolve) => setTimeout(resolve, 10))
  connection.send(large)
  await sink.until(signal, 'the drain or the close', () => sink.drains > 0 || sink.closed)
  connection.send(text('behind it'))
  connection.end()
  await closeOf(sink, signal)
}

async function sendMuchAndAbort(
  port: CompletionPort,
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  const connection = await connect(port, listener)
  if (connection === undefined) return
  const sink = started(connection)
  connection.send(large)
  await new Promise((resolve) => setImmediate(resolve))
  connection.abort()
  await closeOf(sink, signal)
}

/** For the close of the port to end: a connection with a receive and a send in flight, and both its ends. */
async function leaveOpen(serving: CompletionPort, connecting: CompletionPort): Promise<void> {
  const listener = await listen(serving, [], (connection) => {
    connection.pause()
    connection.start(new Recorder({}, false))
  })
  const connection = listener === undefined ? undefined : await connect(connecting, listener)
  if (connection === undefined) return
  started(connection)
  connection.send(large)
}

import { RpcError } from '@frameport/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { backends, portOf } from './support/backends.ts'
import { type CutPlan, CuttingProxy } from './support/cutting-proxy.ts'
import { answerKinds } from './support/kinds-over-session.ts'
import { KindsState } from './support/kinds-state.ts'
import { mix, seenOfMix } from './support/mix.ts'
import { type PythonProcess, startPython } from './support/python.ts'
import { Resuming, ResumingClient, ResumingServer, resumeBytes } from './support/resuming.ts'
import { SessionCall, sendOneway } from './support/session-call.ts'

const eventsOfMix = 300

interface Pair {
  readonly python: PythonProcess
  /** The session on our side that is connected to Python. */
  readonly ours: Resuming
  readonly proxy: CuttingProxy
  readonly state: KindsState
  /** Makes the server forget the session. */
  forget(): Promise<void>
}

type Closing = (() => Promise<unknown>)[]

/** The client in Python, and our server behind a proxy. */
async function ofClient(port: ReturnType<typeof portOf>, closing: Closing): Promise<Pair> {
  const state = new KindsState()
  const server = await ResumingServer.listen(port, answerKinds(state))
  closing.push(() => server.close())
  const proxy = await CuttingProxy.listen(server.port)
  closing.push(() => proxy.close())
  const python = startPython('resume_peer.py', 'client', String(proxy.port))
  closing.push(async () => python.kill())
  expect(await python.next()).toEqual({ connected: true })
  const ours = await server.at(0)
  return { python, ours, proxy, state, forget: async () => server.forget() }
}

/** Our client, and the server in Python behind a proxy. */
async function ofServer(port: ReturnType<typeof portOf>, closing: Closing): Promise<Pair> {
  closing.push(() => port.close())
  const state = new KindsState()
  const python = startPython('resume_peer.py', 'server')
  closing.push(async () => python.kill())
  const proxy = await CuttingProxy.listen((await python.next()).port as number)
  closing.push(() => proxy.close())
  const client = new ResumingClient(port, `tcp://127.0.0.1:${proxy.port}`, answerKinds(state))
  closing.push(() => client.close())
  await until(() => client.isOpened)
  const forget = async () => {
    expect(await told(python, 'forget')).toEqual({ forgot: true })
  }
  return { python, ours: client, proxy, state, forget }
}

async function told(python: PythonProcess, command: string): Promise<Readonly<Record<string, unknown>>> {
  python.tell(command)
  return python.next()
}

/** In steps, so that some events are always in flight. */
async function publish({ session }: Resuming): Promise<void> {
  for (let number = 0; number < eventsOfMix; number += 1) {
    emit(session, number)
    if (number % 10 === 9)
      await new SessionCall(session, 'kinds@1/echo', { input: { text: 'in step' } }).result
  }
}

function emit(session: Resuming['session'], value: unknown): void {
  session.emit({ event: 'kinds@1/tick', topic: '', body: { kind: 'value', value } })
}

function isOrdered(values: readonly unknown[]): boolean {
  return values.every((value, index) => index === 0 || Number(value) > Number(values[index - 1]))
}

/** Different places in frames, in both directions. */
const cutsOfMix: readonly CutPlan[] = Array.from({ length: 15 }, (_, number) => ({
  toServer: 4_000 + ((number * 7_919) % 50_000),
  toClient: 4_000 + ((number * 30_011) % 70_000),
}))

const directions = [
  { title: 'the client in Python and our server', start: ofClient, isOursClient: false },
  { title: 'our client and the server in Python', start: ofServer, isOursClient: true },
]

for (const { backend, absent } of backends) {
  for (const { title, start, isOursClient } of directions) {
    const name = `${title} on ${backend}`
    describe.skipIf(absent !== undefined)(
      absent === undefined ? name : `${name} (skipped: ${absent})`,
      () => {
        const closing: Closing = []
        afterEach(async () => {
          for (const close of closing.splice(0).reverse()) await close()
        })

        const pair = () => start(portOf(backend), closing)

        it('make calls of every kind and send events in both directions, once and in order, through many cuts', async () => {
          const { python, ours, proxy, state } = await pair()
          proxy.plans.push(...cutsOfMix)
          proxy.cut()
          python.tell('mix')
          const [wrong] = await Promise.all([mix(ours.session), isOursClient ? undefined : publish(ours)])
          expect(wrong).toEqual([])
          expect(await python.next()).toEqual({ wrong: [] })
          await told(python, 'ping')
          expect(state.seen).toEqual(seenOfMix)
          // Python runs each one-way call in a thread of its own, so the threads note them late, and in another order.
          const seen = async () => ((await told(python, 'seen')).seen as readonly string[]).toSorted()
          await expect.poll(seen).toEqual(seenOfMix.toSorted())
          if (isOursClient) {
            await told(python, 'last')
            await until(() => ours.events.at(-1) === 'last')
            const numbers = ours.events.slice(0, -1)
            expect(numbers.length + ours.eventsMissed).toBe(eventsOfMix)
            expect(isOrdered(numbers)).toBe(true)
          } else {
            emit(ours.session, 'last')
            const took = await told(python, `took ${eventsOfMix + 1}`)
            expect(took).toMatchObject({ last: 'last', ordered: true })
          }
          // One side learns of the last cut and of the last answer before the other.
          const counts = async () => ({ ...(await told(python, 'counts')), ours: ours.session.callsInFlight })
          await expect.poll(counts).toMatchObject({ slots: 0, ours: 0 })
          await expect.poll(async () => (await told(python, 'counts')).resumed === ours.resumes).toBe(true)
          expect(proxy.cuts).toBeGreaterThan(5)
          expect(ours.resumes).toBeGreaterThan(5)
        }, 60_000)

        it.each([
          ['before its first byte', 0],
          ['after a few bytes', 20],
        ])(
          'continue after several welcomes in a row were lost, %s',
          async (_where, toClient) => {
            const { python, ours, proxy } = await pair()
            proxy.plans.push({ toClient }, { toClient }, { toClient })
            proxy.cut()
            const call = new SessionCall(ours.session, 'kinds@1/echo', { input: { text: 'through' } })
            expect(await call.result).toEqual({ text: 'through' })
            expect(proxy.connections).toBe(5)
            expect(ours.session.state).toBe('open')
            expect(await told(python, 'mix')).toEqual({ wrong: [] })
          },
          60_000,
        )

        it('start again if the server has forgotten the session, and open calls may have run', async () => {
          const { python, ours, proxy, forget } = await pair()
          await checkForgotten(python, ours, proxy, forget)
        })

        it('start again if the secret is wrong', async () => {
          const { python, ours, proxy } = await pair()
          await checkForgotten(python, ours, proxy, async () => {
            expect(await told(python, 'spoil')).toEqual({ spoiled: true })
          })
        })

        async function checkForgotten(
          python: PythonProcess,
          ours: Resuming,
          proxy: CuttingProxy,
          forget: () => Promise<void>,
        ): Promise<void> {
          let successor: Resuming | undefined
          ours.onForgotten = (opened) => {
            successor = new Resuming('client', (call) => call.end())
            successor.session.attach(opened)
          }
          const call = new SessionCall(ours.session, 'kinds@1/wait')
          expect(await python.next()).toEqual({ running: 'wait' })
          expect(await told(python, 'hold')).toEqual({ held: true })
          await forget()
          proxy.cut()
          if (isOursClient) {
            await expect(call.result).rejects.toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
            await until(() => successor?.isOpened)
            const again = new SessionCall(successor!.session, 'kinds@1/echo', { input: { text: 'new' } })
            expect(await again.result).toEqual({ text: 'new' })
            await successor!.session.close({ graceMs: 0 })
          } else {
            expect(await python.next()).toEqual({ givenUp: 'ENDED' })
            expect(await told(python, 'ended')).toEqual({
              ended: 'CONNECTION_LOST',
              failed: ['UNAVAILABLE', true],
              successor: 'new',
            })
            expect(ours.session.state).toBe('detached')
            call.call.cancel(new RpcError('CANCELLED', 'the test is over'))
          }
        }

        it('acknowledge at the latest after an eighth of the bytes that the peer keeps', async () => {
          const { python, ours } = await pair()
          const eighth = resumeBytes / 8
          expect(await told(python, `notes ${eighth + 2_000}`)).toEqual({ sent: true })
          python.tell('acknowledged')
          const { acksReceived, kept } = await python.next()
          expect(acksReceived).toBeGreaterThan(0)
          expect(kept).toBeLessThan(eighth)
          for (let bytes = 0; bytes < eighth + 2_000; bytes += 1_000)
            await sendOneway(ours.session, 'kinds@1/seen', { text: 'n'.repeat(1_000) })
          await until(() => ours.session.stats().memory.keptBytes < eighth)
        })

        it('acknowledge everything that was handled in pings and pongs', async () => {
          const { python, ours } = await pair()
          await sendOneway(ours.session, 'kinds@1/seen', { text: 'a' })
          const echo = new SessionCall(ours.session, 'kinds@1/echo', { input: { text: 'b' } })
          await echo.result
          expect(await told(python, 'notes 3000')).toEqual({ sent: true })
          expect(ours.session.stats().memory.keptBytes).toBeGreaterThan(0)
          expect(await told(python, 'ping')).toMatchObject({ kept: 0, unacknowledged: 0 })
          expect(ours.session.stats().memory.keptBytes).toBe(0)
        })
      },
    )
  }
}

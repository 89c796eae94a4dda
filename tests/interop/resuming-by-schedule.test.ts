import { createServer, implement } from '@frameport/server'
import { afterEach, describe, expect, it } from 'vitest'
import { Draw } from '../support/draw.ts'
import { schedule } from './schedule-contract.ts'
import { backends, portOf } from './support/backends.ts'
import { type CutPlan, CuttingProxy } from './support/cutting-proxy.ts'
import { startPython } from './support/python.ts'
import { seedOf } from './support/seed.ts'

const acts = 120
const schedules = 4
const firstSeed = seedOf(process.env, '1')

/** The report of the client in Python about one act. */
interface Told {
  readonly number: number
  readonly kind: 'put' | 'note' | 'list' | 'store' | 'talk' | 'give_up' | 'hurry'
  readonly result?: number
  readonly items?: readonly number[]
  readonly to?: number
  readonly settled?: string
  readonly wrong?: string
}

/** What handlers received, in order. */
class Seen {
  readonly begun: { readonly kind: string; readonly number: number }[] = []
  readonly uploads = new Map<number, number[]>()

  begins(kind: string, number: number): void {
    this.begun.push({ kind, number })
  }

  taken(number: number, item: number): void {
    const items = this.uploads.get(number) ?? []
    this.uploads.set(number, items)
    items.push(item)
  }

  numbersOf(kind: string): number[] {
    return this.begun.filter((one) => one.kind === kind).map(({ number }) => number)
  }
}

function handlers(seen: Seen) {
  return implement(schedule).handlers({
    put: async ({ input: { number } }) => {
      seen.begins('put', number)
      // Some answers are sent in a later turn, over another connection.
      if (number % 3 === 0) await new Promise((resolve) => setTimeout(resolve, number % 20))
      return number
    },
    note: ({ input: { number } }) => seen.begins('note', number),
    async *list({ input: { number, to } }) {
      seen.begins('list', number)
      for (let item = 0; item < to; item += 1) yield item
    },
    async store({ input: { number }, upload }) {
      seen.begins('store', number)
      for await (const item of upload) seen.taken(number, item.number)
      return seen.uploads.get(number)?.length ?? 0
    },
    async *talk({ input: { number }, upload }) {
      seen.begins('talk', number)
      for await (const item of upload) {
        seen.taken(number, item.number)
        yield item.number
      }
    },
  })
}

const below = (to = 0) => Array.from({ length: to }, (_, number) => number)

/** The model: what a client with a resumed session may observe of one act. Returns what is wrong with it. */
function wrongWith({ number, kind, wrong, ...told }: Told, seen: Seen): string | undefined {
  const say = (what: string) => `act ${number}, ${kind}: ${what}`
  if (wrong !== undefined) return say(wrong)
  const procedure = kind === 'give_up' || kind === 'hurry' ? 'put' : kind
  const runs = seen.numbersOf(procedure).filter((one) => one === number).length
  if (procedure !== kind) {
    if (runs > 1) return say(`ran ${runs} times`)
    if (told.settled === 'OK' && runs === 0) return say('succeeded, and did not run')
    const known = ['OK', 'CANCELLED', 'DEADLINE_EXCEEDED']
    return known.includes(told.settled ?? '') ? undefined : say(`settled with ${told.settled}`)
  }
  if (runs !== 1) return say(`ran ${runs} times`)
  if (kind === 'put' && told.result !== number) return say(`was answered with ${told.result}`)
  if (kind === 'store' && told.result !== told.to) return say(`stored ${told.result} of ${told.to}`)
  if ((kind === 'store' || kind === 'talk') && !isSame(seen.uploads.get(number) ?? [], below(told.to)))
    return say(`the server took ${seen.uploads.get(number)}`)
  if ((kind === 'list' || kind === 'talk') && !isSame(told.items ?? [], below(told.to)))
    return say(`the client took ${told.items}`)
  return undefined
}

/** Events must arrive in order, each once, and a missing one needs a gap that counts it. 0 is the last event. */
function wrongWithEvents(heard: readonly (readonly ['tick' | 'gap', number])[], published: number): string[] {
  const wrong: string[] = []
  let next = 1
  for (const [what, value] of heard) {
    if (what === 'gap') next += value
    else if (value === 0) break
    else {
      if (value !== next) wrong.push(`event ${value} in place of ${next}`)
      next = value + 1
    }
  }
  if (next !== published + 1) wrong.push(`${next - 1} of ${published} events`)
  return wrong
}

function isSame(these: readonly number[], those: readonly number[]): boolean {
  return these.length === those.length && these.every((one, index) => one === those[index])
}

/** Draws a cut during the handshake, shortly after it, or later, in whichever direction reaches its end first. */
function drawCut(draw: Draw): CutPlan {
  const bytes = () =>
    draw.pick([draw.int(0, 100), draw.int(100, 700), draw.int(700, 4_000), draw.int(4_000, 12_000)])
  const farMost = 12_000
  const [one, other] = [bytes(), draw.chance(0.5) ? bytes() : farMost]
  return draw.chance(0.5) ? { toServer: one, toClient: other } : { toServer: other, toClient: one }
}

for (const { backend, absent } of backends) {
  const title = `the client in Python and our server on ${backend}, cut at bytes that a seed draws`
  describe.skipIf(absent !== undefined)(
    absent === undefined ? title : `${title} (skipped: ${absent})`,
    () => {
      const closing: (() => unknown)[] = []
      afterEach(async () => {
        for (const close of closing.splice(0).reverse()) await close()
      })

      it.each(Array.from({ length: schedules }, (_, index) => firstSeed + index))(
        'complete all acts once and in order (FRAMEPORT_FUZZ_SEED=%i)',
        { timeout: 120_000 },
        async (seed) => {
          const draw = new Draw(seed)
          const seen = new Seen()
          const port = portOf(backend)
          closing.push(() => port.close())
          let sessions = 0
          const server = createServer(handlers(seen), {
            completionPort: port,
            log: false,
            limits: { resumeBytes: 65_536, resumeWindowMs: 60_000 },
            onConnection: () => {
              sessions += 1
            },
            authorizeSubscribe: () => true,
          })
          closing.push(() => server.close({ graceMs: 0 }))
          const { url } = await server.listen('tcp://127.0.0.1:0')
          const proxy = await CuttingProxy.listen(Number(new URL(url).port))
          closing.push(() => proxy.close())
          const python = startPython('schedule_peer.py', String(proxy.port), String(seed), String(acts))
          closing.push(() => python.kill())
          expect(await python.next()).toEqual({ connected: true })
          for (let cut = 0; cut < 25; cut += 1) proxy.plans.push(drawCut(draw))
          proxy.cut()

          let published = 0
          const publishing = setInterval(() => server.publish(schedule.events.tick, ++published), 5)
          closing.push(() => clearInterval(publishing))
          const told = (await python.next()).acts as readonly Told[]
          clearInterval(publishing)
          server.publish(schedule.events.tick, 0)
          python.tell('all is published')
          const { heard, resumed, attempts, ...left } = await python.next()

          const wrong = told.map((one) => wrongWith(one, seen)).filter((one) => one !== undefined)
          wrong.push(...wrongWithEvents(heard as never, published))
          expect(wrong).toEqual([])
          expect(told).toHaveLength(acts)
          const notes = told.filter(({ kind }) => kind === 'note').map(({ number }) => number)
          expect(seen.numbersOf('note')).toEqual(notes.toSorted((one, other) => one - other))
          expect(left).toEqual({ ended: null, open: 0, kept: 0, unacknowledged: 0 })
          expect([sessions, proxy.cuts > 10, (resumed as number) > 3]).toEqual([1, true, true])
          expect(attempts).not.toContain('')
          await python.finish()
          await expect.poll(() => server.stats().handlersInFlight).toBe(0)
        },
      )
    },
  )
}

import { once } from 'node:events'
import { readingOf } from '../message.ts'
import { arrivalsDue, arrivalsOf } from '../rival/arrivals.ts'
import type { Contestant } from '../rival/contestant.ts'
import { LatencyRecorder } from '../rival/latencies.ts'
import type { Latencies } from '../rival/messages.ts'
import { type OpenMember, readLines, stamped } from './member.ts'

/** What the runner asks the members: so many lines a second for so long. */
export interface RoomQuestion {
  readonly ask: 'talk'
  readonly perSecond: number
  readonly ms: number
}

export interface RoomTalk {
  readonly lines: number
  readonly deliveries: number
  /** Of each delivery, from when its line was sent. */
  readonly latencies: Latencies
}

/** How long the last lines are waited for. */
const lastLinesMs = 5_000

/** The process of a server, or of all members of one room: `PROGRAM server`, `PROGRAM client PORT MEMBERS`. */
export async function runRoom(contestant: Contestant, openMember: OpenMember): Promise<void> {
  const [role, port, count] = process.argv.slice(2)
  process.on('disconnect', () => process.exit())
  if (role === 'server') {
    process.send?.(await contestant.serve())
    await once(process, 'disconnect')
    return
  }
  const room = await Room.of(contestant, openMember, Number(port), Number(count))
  process.on('message', (question: RoomQuestion) => {
    room.talk(question).then(
      (talk) => process.send?.(talk),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
  })
  process.send?.({})
}

/** All members of a room, and the one who speaks. */
export class Room {
  readonly #members: number
  readonly #announce: (note: string) => Promise<void>
  #recorder = new LatencyRecorder()
  #deliveries = 0
  #onDelivery: () => void = () => {}

  private constructor(members: number, announce: (note: string) => Promise<void>) {
    this.#members = members
    this.#announce = announce
  }

  static async of(
    contestant: Contestant,
    openMember: OpenMember,
    port: number,
    count: number,
  ): Promise<Room> {
    const speaker = await contestant.connect(port)
    const room = new Room(count, (note) => speaker.announce!({ ...readingOf(0), note }))
    for (let opened = 0; opened < count; ) {
      const some = Math.min(50, count - opened)
      for (const member of await Promise.all(Array.from({ length: some }, () => openMember(port))))
        readLines(member, (sentMs) => room.#delivered(sentMs))
      opened += some
    }
    return room
  }

  /** @throws Error when a line did not reach every member */
  async talk({ perSecond, ms }: RoomQuestion): Promise<RoomTalk> {
    this.#recorder = new LatencyRecorder()
    this.#deliveries = 0
    const schedule = { perSecond, ms }
    const lines = arrivalsOf(schedule)
    const began = performance.now()
    let said = 0
    const allSaid: Promise<void>[] = []
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = arrivalsDue(schedule, performance.now() - began)
        while (said < due) {
          said += 1
          allSaid.push(this.#announce(stamped(performance.now())))
        }
        if (said < lines) return
        clearInterval(timer)
        resolve()
      }, 1)
    })
    await Promise.all(allSaid)
    await this.#arrived(lines * this.#members)
    return { lines, deliveries: this.#deliveries, latencies: this.#recorder.read() }
  }

  async #arrived(deliveries: number): Promise<void> {
    const late = setTimeout(() => {
      throw new Error(`${this.#deliveries} of ${deliveries} deliveries have come.`)
    }, lastLinesMs)
    while (this.#deliveries < deliveries)
      await new Promise<void>((resolve) => {
        this.#onDelivery = resolve
      })
    clearTimeout(late)
  }

  #delivered(sentMs: number): void {
    this.#recorder.record(performance.now() - sentMs)
    this.#deliveries += 1
    this.#onDelivery()
  }
}

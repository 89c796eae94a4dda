import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectNats } from '@frameport/broker-nats'
import { sqliteEventLog } from '@frameport/log-sqlite'
import { answerQuestions, notAsked } from '../support/scale/answer-questions.ts'
import type { EventPlace, ScaleQuestion } from '../support/scale/messages.ts'

/**
 * A server of many, as far as events between servers go: `events.mjs publisher URL`, `events.mjs receiver URL`. It has no clients, so that all of its CPU time is that
 * of the bus or of the log.
 */
const event = {
  event: 'bench@1/line',
  topic: '{"room":"lobby"}',
  body: { encoding: 'raw', bytes: new Uint8Array(200) },
} as const

const [role, url] = process.argv.slice(2)
const nats = await connectNats({ servers: url })
let received = 0
let onReceived: () => void = () => {}
const member = nats.bus.join({
  event() {
    received += 1
    onReceived()
  },
  gap() {
    throw new Error('The bus told of a gap.')
  },
})

type Put = () => unknown

async function publisher(): Promise<Record<EventPlace, Put>> {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-scale-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const jetstream = await nats.log()
  const power = await sqliteEventLog({ path: join(folder, 'power.db') })
  const system = await sqliteEventLog({ path: join(folder, 'process.db'), durability: 'process' })
  return {
    bus: () => member.publish(event),
    jetstream: () => jetstream.append(event),
    power: () => power.append(event),
    process: () => system.append(event),
  }
}

async function publish(put: Put, events: number, inFlight: number): Promise<object> {
  const began = performance.now()
  let left = events
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await put()
    }),
  )
  return { units: events, elapsedMs: performance.now() - began }
}

async function receive(events: number): Promise<object> {
  while (received < events)
    await new Promise<void>((resolve) => {
      onReceived = resolve
    })
  received -= events
  return {}
}

const puts = role === 'publisher' ? await publisher() : undefined
if (role === 'receiver') await member.listen(event)

answerQuestions(async (question: ScaleQuestion) => {
  if (question.ask === 'publish' && puts !== undefined)
    return publish(puts[question.to], question.events, question.inFlight)
  if (question.ask === 'receive') return receive(question.events)
  return notAsked(question)
})
process.send?.({})

import type { Session } from '@frameport/protocol/session'
import { SessionCall, type SessionCallOptions, sendOneway } from './session-call.ts'

const credit = { items: 32, bytes: 65_536 }
export const mixed = { items: 1_500, words: 400, calls: 100, oneways: 200 }

/**
 * Makes calls of every kind at the same time to a peer that answers the contract `kinds`. Returns what was wrong with
 * the answers.
 */
export async function mix(session: Session): Promise<string[]> {
  const call = (name: string, options: SessionCallOptions = {}) =>
    new SessionCall(session, `kinds@1/${name}`, options)
  const wrong: string[] = []
  const check = (isRight: boolean, what: string) => void (isRight || wrong.push(what))
  await Promise.all([
    unary(call, check),
    stream(call, check),
    upload(call, check),
    bothWays(call, check),
    long(call, check),
    oneways(session),
  ])
  return wrong
}

type Call = (name: string, options?: SessionCallOptions) => SessionCall
type Check = (isRight: boolean, what: string) => void

/** The one-way calls that the peer of a {@link mix} has received, in order. */
export const seenOfMix = Array.from({ length: mixed.oneways }, (_, number) => `note ${number}`)

async function unary(call: Call, check: Check): Promise<void> {
  for (let number = 0; number < mixed.calls; number += 1) {
    const text = `${number} ${'x'.repeat(1_000)}`
    const echoed = (await call('echo', { input: { text } }).result) as { text: string }
    check(echoed.text === text, `echo ${number}`)
  }
}

async function stream(call: Call, check: Check): Promise<void> {
  let next = 1
  for await (const item of call('count', { input: { to: mixed.items }, credit }))
    check(item === next++, `count ${String(item)}`)
  check(next === mixed.items + 1, `count ended before ${next}`)
}

async function upload(call: Call, check: Check): Promise<void> {
  const sum = await call('sum', { upload: Array.from({ length: mixed.items }, (_, number) => number) }).result
  check(sum === (mixed.items * (mixed.items - 1)) / 2, `sum ${String(sum)}`)
}

async function bothWays(call: Call, check: Check): Promise<void> {
  const words = Array.from({ length: mixed.words }, (_, number) => ({ text: `word ${number}` }))
  let next = 0
  for await (const item of call('shout', { upload: words, credit })) {
    const { text } = item as { text: string }
    check(text === `WORD ${next++}`, `shout ${text}`)
  }
  check(next === mixed.words, `shout ended before ${next}`)
}

async function long(call: Call, check: Check): Promise<void> {
  for (let number = 0; number < 3; number += 1) {
    const text = String(number).repeat(200_000)
    const echoed = (await call('echo', { input: { text } }).result) as { text: string }
    check(echoed.text === text, `long echo ${number}`)
  }
}

async function oneways(session: Session): Promise<void> {
  for (const text of seenOfMix) await sendOneway(session, 'kinds@1/seen', { text })
}

import type { StandardRpcCode } from '@frameport/protocol'
import { isErrorOf, safe } from '@frameport/protocol/calling'
import { expectTypeOf } from 'vitest'
import type { CallPromise, Client, LogPosition } from '../../src/client-types.ts'
import type { chat } from './chat.contract.ts'

declare const client: Client<typeof chat>
declare const signal: AbortSignal

export async function rightUses() {
  const join = client.join(
    { room: 'lobby', name: 'guest' },
    { deadlineMs: 500, signal, metadata: { a: 'b' } },
  )
  expectTypeOf(await join).toEqualTypeOf<{ room: string; since: Date }>()
  expectTypeOf(await client.who()).toEqualTypeOf<string[]>()
  expectTypeOf(await client.who({ deadlineMs: 1 })).toEqualTypeOf<string[]>()
  expectTypeOf(client.leave()).toEqualTypeOf<CallPromise<void, Record<never, never>>>()
  expectTypeOf(await client.find()).toEqualTypeOf<number>()
  expectTypeOf(await client.find(undefined, { signal })).toEqualTypeOf<number>()
  expectTypeOf(await client.files.old.get({ id: '1' })).toEqualTypeOf<Uint8Array>()
  expectTypeOf(await client.files.put(new Uint8Array(1))).toEqualTypeOf<{ id: string }>()
  for await (const item of client.history({ room: 'lobby' }))
    expectTypeOf(item).toEqualTypeOf<{ text: string }>()
  client.$on('line', { room: 'lobby' }, (line) => expectTypeOf(line).toEqualTypeOf<{ text: string }>())
  client.$on('line', { room: 'lobby' }, (_line, { position }) =>
    expectTypeOf(position).toEqualTypeOf<LogPosition | undefined>(),
  )
  const stop = client.$on('notice', (text) => expectTypeOf(text).toEqualTypeOf<string>())
  expectTypeOf(stop).toExtend<() => void>()
  expectTypeOf(stop.subscribed).toEqualTypeOf<Promise<void>>()
  await client.$close({ graceMs: 10 })
}

export async function failuresAreTyped() {
  const r = await safe(client.join({ room: 'lobby', name: 'guest' }))
  if (r.ok) {
    expectTypeOf(r.data.since).toEqualTypeOf<Date>()
    return
  }
  expectTypeOf(r.error.code).toEqualTypeOf<'NAME_TAKEN' | 'ROOM_FULL' | StandardRpcCode>()
  if (r.error.code === 'NAME_TAKEN') expectTypeOf(r.error.data).toEqualTypeOf<{ suggestion: string }>()
  if (r.error.code === 'ROOM_FULL') expectTypeOf(r.error.data).toEqualTypeOf<undefined>()
  if (r.error.code === 'UNAVAILABLE') expectTypeOf(r.error.data).toEqualTypeOf<unknown>()
  // @ts-expect-error no procedure declares this code
  if (r.error.code === 'NAME_LOST') return
  const who = await safe(client.who())
  if (!who.ok) expectTypeOf(who.error.code).toEqualTypeOf<StandardRpcCode>()
}

declare const join: (typeof chat)['procedures']['join']

export function whatWasCaughtIsNarrowed(error: unknown) {
  if (!isErrorOf(join, error)) return
  expectTypeOf(error.code).toEqualTypeOf<'NAME_TAKEN' | 'ROOM_FULL' | StandardRpcCode>()
  expectTypeOf(error.procedure).toEqualTypeOf<string | undefined>()
  if (error.code === 'NAME_TAKEN') expectTypeOf(error.data).toEqualTypeOf<{ suggestion: string }>()
}

export function wrongUses() {
  // @ts-expect-error a member is missing
  void client.join({ room: 'lobby' })
  // @ts-expect-error a member has the wrong type
  void client.join({ room: 1, name: 'guest' })
  // @ts-expect-error a member is unknown
  void client.join({ room: 'lobby', name: 'guest', colur: 'red' })
  // @ts-expect-error the input is missing
  void client.join()
  // @ts-expect-error it takes no input, and this is no option
  void client.who({ room: 'lobby' })
  // @ts-expect-error an unknown procedure
  void client.joinn
  // @ts-expect-error an unknown procedure in a group
  void client.files.get
  // @ts-expect-error a group is not a procedure
  void client.files()
  // @ts-expect-error raw bytes are a Uint8Array
  void client.files.put('text')
  // @ts-expect-error a deadline is a number of milliseconds
  void client.who({ deadlineMs: '5s' })
  // @ts-expect-error only a stream has a window
  void client.join({ room: 'lobby', name: 'guest' }, { windowItems: 1 })
  // @ts-expect-error a window is a number
  void client.history({ room: 'lobby' }, { windowItems: 'one' })
  // @ts-expect-error only a stream is awaited for its start
  void client.who().started
  // @ts-expect-error a stream is not a promise
  void client.history({ room: 'lobby' }).then
  // @ts-expect-error the wrong topic
  client.$on('line', { rooms: 'lobby' }, () => undefined)
  // @ts-expect-error the topic is missing
  client.$on('line', () => undefined)
  // @ts-expect-error an unknown event
  client.$on('lines', { room: 'lobby' }, () => undefined)
  // @ts-expect-error this event has no topic
  client.$on('notice', { room: 'lobby' }, () => undefined)
  // @ts-expect-error facts are about the event, and not its payload
  client.$on('notice', (_text: string, _count: number) => undefined)
  // @ts-expect-error the listener wants something else
  client.$on('notice', (_count: number) => undefined)
}

export async function nothingIsAny() {
  expectTypeOf(client.join).not.toBeAny()
  expectTypeOf(client.join).parameter(0).not.toBeAny()
  expectTypeOf(client.join)
    .parameter(0)
    .toEqualTypeOf<{ room: string; name: string; colour?: string | undefined }>()
  expectTypeOf(await client.join({ room: '', name: '' })).not.toBeAny()
  expectTypeOf(client.files.old).not.toBeAny()
  expectTypeOf(client.$on).not.toBeAny()
}

import { createHash } from 'node:crypto'
import { RpcError } from '@frameport/protocol'
import type { CallKind } from '@frameport/protocol/envelope'
import type { IncomingCall } from '@frameport/protocol/session'
import { givenUp, type KindsState } from './kinds-state.ts'
import { fromBody, toBody } from './session-bodies.ts'
import { TakenItems } from './taken-items.ts'

interface Text {
  readonly text: string
}

/** The arguments of a handler. The session has no schemas, so handlers in this file cast their arguments. */
interface Given {
  readonly call: IncomingCall
  readonly state: KindsState
  readonly input: unknown
  readonly items: TakenItems
  send(item: unknown): Promise<void>
}

type Handler = (given: Given) => unknown

function numberOf(item: unknown): number {
  if (typeof item === 'number') return item
  throw new RpcError('INVALID_ARGUMENT', 'an item is no number', { maybeExecuted: true })
}

/** The procedures of the contract `kinds`, by their kind. */
const handlers: Readonly<Record<CallKind, Readonly<Record<string, Handler>>>> = {
  unary: {
    echo: ({ input }) => input,
    refuse: () => {
      throw new RpcError('NAME_TAKEN', 'That name is taken.', { data: { suggestion: 'guest2' } })
    },
    wait: ({ call, state }) => givenUp(call.signal, state),
    saw: ({ state }) => ({ seen: state.seen, givenUp: state.givenUp }),
    release: ({ state }) => state.release(),
  },
  'server-stream': {
    async count({ input, send }) {
      for (let number = 1; number <= (input as { to: number }).to; number++) await send(number)
    },
  },
  'client-stream': {
    async sum({ call, state, items }) {
      givenUp(call.signal, state).catch(() => undefined)
      let sum = 0
      for await (const item of items) sum += numberOf(item)
      return sum
    },
    async store({ input, items }) {
      const hash = createHash('sha256')
      for await (const chunk of items) hash.update(chunk as Uint8Array)
      return { name: (input as { name: string }).name, bytes: items.bytes, sha256: hash.digest('hex') }
    },
    async find({ input, items }) {
      for await (const word of items) if ((word as Text).text === (input as Text).text) break
      return items.items
    },
    enough: () => 'enough',
    async quota({ items }) {
      for await (const item of items) {
        void item
        throw new RpcError('QUOTA', 'enough of it', { data: 7 })
      }
    },
    async hold({ call, state, items }) {
      await Promise.race([state.released, givenUp(call.signal, state)])
      for await (const item of items) void item
      return items.items
    },
    async leave({ state, items }) {
      let first = 0
      for await (const item of items) {
        first = numberOf(item)
        break
      }
      await state.released
      return first
    },
  },
  'both-ways': {
    async shout({ items, send }) {
      for await (const word of items) await send({ text: (word as Text).text.toUpperCase() })
    },
    async reverse({ items, send }) {
      await send(0)
      const taken: unknown[] = []
      for await (const number of items) taken.push(number)
      for (const number of taken.reverse()) await send(number)
    },
  },
  'one-way': {
    async seen({ call, input, state }) {
      const { text } = input as Text
      state.seen.push(text)
      if (text === 'slow') await givenUp(call.signal, state)
    },
  },
}

/** Answers the calls of a session's peer like our server of the contract `kinds`. */
export function answerKinds(state: KindsState): (call: IncomingCall) => void {
  return (call) => {
    const [, name = ''] = call.procedure.split('kinds@1/')
    const handler = handlers[call.kind][name]
    if (handler === undefined) {
      call.refuse(new RpcError('UNIMPLEMENTED', `nobody has ${call.procedure} of this kind`))
      return
    }
    const items = new TakenItems(call)
    const send = async (item: unknown) => {
      await call.ready()
      call.sendItem(toBody(item))
    }
    void run(call, () => handler({ call, state, input: fromBody(call.input), items, send }))
  }
}

async function run(call: IncomingCall, handler: () => unknown): Promise<void> {
  try {
    const answer = await handler()
    if (call.kind === 'unary' || call.kind === 'client-stream') call.respond(toBody(answer))
    else call.end()
  } catch (error) {
    call.fail(
      RpcError.is(error) ? error : new RpcError('INTERNAL', 'the handler failed', { maybeExecuted: true }),
    )
  }
}

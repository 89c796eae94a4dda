import { hasItems, hasUpload } from '@frameport/protocol/contract'
import type { World } from '../worlds/world.ts'
import type { Callee, HandledCall } from './callee.ts'
import type { MadeCall } from './caller.ts'
import type { Kind } from './contract.ts'
import type { Pair } from './direction.ts'

/** One call between a caller and a callee, with everything that a test needs for it. */
export interface Play {
  readonly kind: Kind
  readonly world: World
  readonly pair: Pair
  readonly callee: Callee
  /** The call at its caller, after a stage has made it. */
  readonly call: MadeCall
  /** The call at its callee, after it has arrived there. */
  readonly handled: HandledCall
  /** Advances the time of both sides. */
  pass(ms: number): void | Promise<void>
}

/** The progress of a call. */
export interface Stage {
  /** The middle of a sentence: a call that is cancelled `between items of its caller`. */
  readonly name: string
  /** The kinds that do not have this stage, each with the reason. */
  readonly absent: Partial<Record<Kind, string>>
  /** Makes the call and brings it to this stage. */
  reach(play: Play): Promise<void>
  /** The happening occurs while the answer is passed to the connection, in the same turn. */
  readonly isWhileAnswering?: true
}

const noUpload = 'its caller sends no items'
const noItems = 'its callee sends no items'

const noUploads = { unary: noUpload, 'server-stream': noUpload, 'one-way': noUpload }
const noItemsOfCallee = { unary: noItems, 'client-stream': noItems, 'one-way': noItems }

export const stages = {
  unsent: {
    name: 'before it is sent',
    absent: {},
    async reach({ callee, world }) {
      await world.eventually('the handshake is under way', () => callee.came.greeting === 1)
    },
  },
  arrived: {
    name: 'before its handler runs',
    absent: {},
    async reach({ callee, world }) {
      await world.eventually('the call has come', () => callee.came.call > 0)
    },
  },
  running: {
    name: 'while its handler runs',
    absent: {},
    reach: isRunning,
  },
  'caller-items': {
    name: 'between items of its caller',
    absent: noUploads,
    async reach(play) {
      await isRunning(play)
      await sendsItems(play)
    },
  },
  'caller-items-unread': {
    name: 'with items of its caller that the callee has not read',
    absent: noUploads,
    async reach(play) {
      const { call, pair, world } = play
      await isRunning(play)
      const before = pair.held().inputBytes ?? 0
      call.source?.push(3)
      await world.eventually('three items were sent', () => call.source?.given === 3)
      await world.eventually('they are held', () => (pair.held().inputBytes ?? 0) > before + 3 * 100)
    },
  },
  'caller-ended': {
    name: 'after the last item of its caller',
    absent: noUploads,
    async reach(play) {
      await isRunning(play)
      await sendsItems(play)
      play.call.source?.end()
      play.handled.takeAll()
      await play.world.eventually('the end was read', () => play.handled.hasTakenAll)
    },
  },
  'callee-items': {
    name: 'between items of its callee',
    absent: noItemsOfCallee,
    async reach(play) {
      await isRunning(play)
      await givesItems(play)
    },
  },
  'callee-items-unread': {
    name: 'with items of its callee that the caller has not read',
    absent: noItemsOfCallee,
    async reach(play) {
      await isRunning(play)
      await givesItems(play)
      play.handled.give(2)
      await play.world.settle()
    },
  },
  'items-both-ways': {
    name: 'between items in both directions',
    absent: { ...noItemsOfCallee, 'server-stream': noUpload, 'client-stream': noItems },
    async reach(play) {
      await isRunning(play)
      await sendsItems(play)
      await givesItems(play)
      await sendsItems(play)
    },
  },
  answering: {
    name: 'with its answer on the way',
    absent: { 'one-way': 'nobody answers it' },
    isWhileAnswering: true,
    async reach(play) {
      await isRunning(play)
      if (hasUpload(play.kind)) await sendsItems(play)
      if (hasItems(play.kind)) await givesItems(play)
    },
  },
} satisfies Readonly<Record<string, Stage>>

export type StageName = keyof typeof stages

export const stageNames = Object.keys(stages) as StageName[]

async function isRunning({ callee, world }: Play): Promise<void> {
  await world.eventually('the handler runs', () => callee.calls.length === 1)
}

async function sendsItems({ call, handled, world }: Play): Promise<void> {
  const before = handled.taken.length
  call.source?.push(2)
  handled.take(2)
  await world.eventually('the callee has read them', () => handled.taken.length === before + 2)
}

async function givesItems({ call, handled, world }: Play): Promise<void> {
  handled.give(2)
  await world.run(call.take(2))
}

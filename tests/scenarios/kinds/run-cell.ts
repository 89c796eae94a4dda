import { getEventListeners } from 'node:events'
import { hasItems, hasUpload } from '@frameport/protocol/contract'
import { describe, expect, test } from 'vitest'
import type { VirtualWorld } from '../worlds/virtual-worlds.ts'
import type { World } from '../worlds/world.ts'
import { worlds } from '../worlds/worlds.ts'
import { Callee } from './callee.ts'
import { MadeCall, type Outcome } from './caller.ts'
import type { Kind } from './contract.ts'
import type { Direction, PairOptions } from './direction.ts'
import { cellsOf, type Expectation, type Happening } from './happening.ts'
import { heldTime } from './held-time.ts'
import { type Play, type Stage, type StageName, stages } from './stages.ts'

/** A test for each cell of the happenings, in every world. */
export function testCells(direction: Direction, happenings: readonly Happening[]): void {
  for (const { name: worldName, open, absent } of worlds) {
    const title = absent === undefined ? `in ${worldName}` : `in ${worldName} (skipped: ${absent})`
    describe.skipIf(absent !== undefined)(`${title}, where ${direction.name},`, () => {
      for (const happening of happenings) {
        for (const { stage, kind, cell } of cellsOf(happening)) {
          if ('absent' in cell || direction.absent?.[stage] !== undefined) continue
          test(titleOf(happening, stage, kind, cell), () =>
            runCell(open(), direction, { happening, stage: stages[stage], kind, expected: cell }),
          )
        }
      }
    })
  }
}

function titleOf({ name }: Happening, stage: StageName, kind: Kind, { caller, callee }: Expectation): string {
  const outcome = typeof caller === 'string' ? caller : caller.join(' or ')
  return `a ${kind} call ${name} ${stages[stage].name}: ${outcome}, and its handler: ${callee}`
}

interface Scene {
  readonly happening: Happening
  readonly stage: Stage
  readonly kind: Kind
  readonly expected: Expectation
}

async function runCell(world: World, direction: Direction, scene: Scene): Promise<void> {
  const { happening, stage, kind, expected } = scene
  const callee = new Callee()
  if (stage === stages.unsent) callee.close('greeting')
  if (stage === stages.arrived) callee.close('call')
  const { environment, pass } = timeOf(world, happening)
  const pair = await direction.connect(world, callee, { environment })
  const call = new MadeCall(kind, pair.calls, happening.options)
  const play: Play = {
    ...{ kind, world, pair, callee, call, pass },
    get handled() {
      const first = callee.calls.find(({ input }) => input === kind)
      if (first === undefined) throw new Error('its handler does not run')
      return first
    },
  }
  try {
    await stage.reach(play)
    await happens(play, scene)
    // A message that was stopped at a door must not pass it later.
    if (stage === stages.arrived) await hasHeardOfIt(play, happening)
    // A call that waits for a handshake must not be sent after the handshake has become useless.
    if (stage === stages.unsent && !happening.keepsConnection) await isGone(play)
    callee.open('greeting')
    callee.open('call')
    if (expected.callee === 'goes on') await goOn(play)
    expectOutcome(await world.run(call.outcome()), play, expected)
    await expectCallee(play, expected)
    if (stage === stages.unsent && expected.callee === 'never runs') expect(callee.came.call).toBe(0)
    expectItems(play, expected)
    if (happening.keepsConnection) await expectConnection(play)
    await expectNothingLive(play)
  } finally {
    await pair.close()
  }
}

/**
 * Virtual time advances by itself. Real time stands still for a deadline, so that it does not pass before its stage.
 */
function timeOf(world: World, { options }: Happening): Pick<Play, 'pass'> & PairOptions {
  const { environment } = world
  if (environment !== undefined) {
    const { clock } = world as VirtualWorld<never>
    return { environment, pass: (ms) => clock.advance(ms) }
  }
  if (options?.deadlineMs === undefined) return { pass: () => undefined }
  const held = heldTime()
  return { environment: held, pass: (ms) => held.pass(ms) }
}

async function happens(play: Play, { happening, stage }: Scene): Promise<void> {
  if (stage.isWhileAnswering !== true) {
    await happening.happen(play)
    return
  }
  let happened: Promise<void> | undefined
  let hasAnswered = false
  play.handled.onAnswered = () => {
    hasAnswered = true
    happened = Promise.resolve(happening.happen(play))
  }
  play.handled.answer()
  await play.world.eventually('it has answered', () => hasAnswered)
  await play.world.run(happened ?? Promise.resolve())
}

/** Waits until the callee has received the consequence of the happening. */
async function hasHeardOfIt({ pair, callee, world }: Play, { keepsConnection }: Happening): Promise<void> {
  if (!keepsConnection) {
    await isGone({ world, pair })
    return
  }
  const before = callee.came.call
  const behind = new MadeCall('unary', pair.calls, { input: 'behind it' })
  await world.eventually('a call behind it has come', () => callee.came.call > before)
  behind.cancel()
  await world.run(behind.outcome())
}

async function isGone({ world, pair }: Pick<Play, 'world' | 'pair'>): Promise<void> {
  await world.eventually('the connection is gone', () => !pair.isConnected())
}

/** Brings the call from its stage to its end. */
async function goOn(play: Play): Promise<void> {
  const { kind, world, callee, call } = play
  await world.eventually('its handler runs', () => callee.calls.some(({ input }) => input === kind))
  const { handled } = play
  if (hasUpload(kind)) {
    if (!handled.hasTakenAll) call.source?.push(1)
    call.source?.end()
    if (!handled.hasTakenAll) handled.takeAll()
  }
  if (hasItems(kind)) handled.give(1)
  handled.answer()
}

function expectOutcome(outcome: Outcome, { kind }: Play, { caller, maybeExecuted }: Expectation): void {
  const came = outcome.error?.code ?? 'answer'
  const wanted = typeof caller === 'string' ? [caller] : caller
  // A loop that was left has no result of its own.
  expect(wanted.map((one) => (one === 'left' ? 'answer' : one))).toContain(came)
  if (outcome.error !== undefined && maybeExecuted !== undefined)
    expect(outcome.error.maybeExecuted).toBe(maybeExecuted)
  if (caller !== 'answer') return
  expect(outcome.answer).toBe(kind === 'one-way' ? undefined : 'the answer')
}

async function expectCallee({ kind, world, callee }: Play, expected: Expectation): Promise<void> {
  if (expected.callee === 'never runs') {
    await world.settle()
    expect(callee.calls.filter(({ input }) => input === kind)).toEqual([])
    return
  }
  const handled = callee.calls.find(({ input }) => input === kind)
  await world.eventually('its handler has stopped', () => handled?.hasStopped === true)
  const isAborted = !['goes on', 'answered', 'failed'].includes(expected.callee)
  expect(handled?.abortedWith).toBe(isAborted ? expected.callee : undefined)
}

/** Items arrive in the order in which they were sent, without holes, and a call that succeeded has all of them. */
function expectItems(
  { kind, callee, call: { source, read } }: Play,
  { caller, callee: atCallee }: Expectation,
): void {
  const { given = [], taken = [] } = callee.calls.find(({ input }) => input === kind) ?? {}
  const isWhole = caller === 'answer' && atCallee !== 'failed'
  expect(read).toEqual(isWhole ? given : given.slice(0, read.length))
  if (source === undefined) return
  const wasStopped = source.ends.returned > 0
  expect(taken).toEqual(isWhole && !wasStopped ? source.pushed : source.pushed.slice(0, taken.length))
}

async function expectConnection({ pair, callee, world }: Play): Promise<void> {
  const further = new MadeCall('unary', pair.calls, { input: 'further' })
  await world.eventually('a further call has come', () => callee.calls.at(-1)?.input === 'further')
  callee.calls.at(-1)?.answer()
  expect(await world.run(further.outcome())).toEqual({ answer: 'the answer' })
}

async function expectNothingLive({ pair, world, call }: Play): Promise<void> {
  await world.eventually(`nothing is left of it: ${JSON.stringify(pair.held())}`, () =>
    Object.values(pair.held()).every((count) => count === 0),
  )
  expect(getEventListeners(call.signal, 'abort')).toEqual([])
  if (call.source === undefined) return
  const { returned, finished, failed } = call.source.ends
  expect({ ends: returned + finished, failed }).toEqual({ ends: failed === 0 ? 1 : returned, failed })
}

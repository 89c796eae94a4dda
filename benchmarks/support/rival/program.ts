import { Heap } from '../heap.ts'
import type { Contestant } from './contestant.ts'
import { LatencyRecorder } from './latencies.ts'
import { RivalLoad } from './load.ts'
import type { RivalAnswer, RivalQuestion, RivalReady, RivalWork } from './messages.ts'
import { runOpenLoad } from './open-load.ts'
import { type Row, unitsOfStep } from './row.ts'

const bun = (globalThis as { Bun?: { readonly version: string; gc(force: boolean): void } }).Bun

/** The process of one server or one client: `PROGRAM server`, `PROGRAM client PORT ROW`. */
export async function runRival(contestant: Contestant): Promise<void> {
  const [role, port, row] = process.argv.slice(2)
  const heap = new Heap()
  process.on('disconnect', () => process.exit())
  const common = {
    ours: import.meta.resolve('@frameport/protocol'),
    runtime: bun === undefined ? `Node.js ${process.version}` : `Bun ${bun.version}`,
  }
  const ready = (facts: RivalReady) => process.send?.(facts)
  if (role === 'server') {
    const served = await contestant.serve()
    answerQuestions((question) => answer(question, heap))
    ready({ ...common, ...served })
    return
  }
  const given = JSON.parse(row!) as Row
  const load = new RivalLoad(contestant, Number(port), given)
  await load.hold(given.kind === 'idle' ? 1 : given.connections)
  if (given.kind === 'subscribe') await load.subscribeAll()
  answerQuestions((question) => answerClient(question, load, given, heap))
  ready({ ...common, kinds: load.kinds })
}

function answerQuestions(answerTo: (question: RivalQuestion) => Promise<RivalAnswer>): void {
  process.on('message', (question: RivalQuestion) => {
    answerTo(question).then(
      (said) => process.send?.(said),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
  })
}

async function answer(question: RivalQuestion, heap: Heap): Promise<RivalAnswer> {
  switch (question.ask) {
    case 'collect':
      if (bun === undefined) globalThis.gc?.()
      else bun.gc(true)
      return {}
    case 'heap':
      return heap.state()
    default:
      throw new Error(`A server is not asked to ${question.ask}.`)
  }
}

async function answerClient(
  question: RivalQuestion,
  load: RivalLoad,
  row: Row,
  heap: Heap,
): Promise<RivalAnswer> {
  switch (question.ask) {
    case 'warm up':
      return runSteps(load, row, question)
    case 'run':
      return runSteps(load, row, { steps: Number.POSITIVE_INFINITY, ms: question.ms })
    case 'count':
      return runSteps(load, row, { steps: question.steps, ms: Number.POSITIVE_INFINITY })
    case 'open load':
      return runOpenLoad(() => load.step(), question)
    case 'hold':
      await load.hold(question.connections)
      await load.callOnNewest()
      return {}
    case 'check':
      return { kinds: await load.check() }
    default:
      return answer(question, heap)
  }
}

interface Extent {
  readonly steps: number
  readonly ms: number
}

/** A closed loop: the next step of a lane begins when the one before it is over. */
async function runSteps(load: RivalLoad, row: Row, { steps, ms }: Extent): Promise<RivalWork> {
  const recorder = row.isTimed === true ? new LatencyRecorder() : undefined
  const lanes = Math.min(steps, row.kind === 'call' ? row.connections * row.inFlight : row.inFlight)
  const began = performance.now()
  let isTimeLeft = true
  const timer = Number.isFinite(ms)
    ? setTimeout(() => {
        isTimeLeft = false
      }, ms)
    : undefined
  let taken = 0
  const lane = async () => {
    do {
      taken++
      const before = recorder === undefined ? 0 : performance.now()
      await load.step()
      recorder?.record(performance.now() - before)
    } while (isTimeLeft && taken < steps)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  clearTimeout(timer)
  const elapsedMs = performance.now() - began
  const units = taken * unitsOfStep(row).units
  return { units, elapsedMs, ...(recorder === undefined ? {} : { latencies: recorder.read() }) }
}

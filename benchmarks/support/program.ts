import { Heap } from './heap.ts'
import type { HeapState, Question, WorkDone } from './messages.ts'
import { keepInFlight, type Load, type Work } from './work.ts'

/** The process of one server or one client: `node PROGRAM server`, `node PROGRAM client PORT`. */
export async function runProgram(work: Work): Promise<void> {
  const [role, port] = process.argv.slice(2)
  const heap = new Heap()
  process.on('disconnect', () => process.exit())
  if (role === 'server') {
    const served = await work.serve()
    answerQuestions(heap, undefined)
    process.send?.(served)
  } else {
    const load = await work.connect(Number(port))
    answerQuestions(heap, load)
    process.send?.({ unit: load.unit })
  }
}

function answerQuestions(heap: Heap, load: Load | undefined): void {
  process.on('message', (question: Question) => {
    answer(question, heap, load).then(
      (said) => process.send?.(said),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
  })
}

async function answer(
  question: Question,
  heap: Heap,
  load: Load | undefined,
): Promise<WorkDone | HeapState | object> {
  switch (question.ask) {
    case 'warm up':
      return runSteps(needed(load), needed(load).warmUpSteps)
    case 'run':
      return runFor(needed(load), question.ms)
    case 'count':
      return runSteps(needed(load), needed(load).countedSteps)
    case 'collect':
      globalThis.gc?.()
      return {}
    case 'heap':
      return heap.state()
  }
}

async function runFor(load: Load, ms: number): Promise<WorkDone> {
  let isTimeLeft = true
  const started = performance.now()
  setTimeout(() => {
    isTimeLeft = false
  }, ms)
  const units = await keepInFlight(load, () => isTimeLeft)
  return { units, elapsedMs: performance.now() - started }
}

async function runSteps(load: Load, steps: number): Promise<WorkDone> {
  let left = steps
  const started = performance.now()
  const units = await keepInFlight(load, () => left-- > 0)
  return { units, elapsedMs: performance.now() - started }
}

function needed(load: Load | undefined): Load {
  if (load === undefined) throw new Error('A server does no work of its own.')
  return load
}

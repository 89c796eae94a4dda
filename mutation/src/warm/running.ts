import type { Body, RegisteredTest, Suite } from './registry.ts'

/** How often a test that does not settle is looked at, and how often nothing may be under way then. */
const lookMs = 10
const idleLooksMax = 5

export type Outcome =
  | { readonly result: 'passed' }
  | { readonly result: 'failed'; readonly why: string }
  /** A limit of time, or nothing is under way that could settle the test. */
  | { readonly result: 'hung'; readonly why: string }

let cleanUps: Body[] = []
let strayError: unknown
let sawStrayError = false
const opened = new Set<Suite>()

/** Registers what runs after the test, the last first. */
export function onTestFinished(cleanUp: Body): void {
  cleanUps.push(cleanUp)
}

/** For an error that belongs to no promise of a test: the test under way fails. */
export function noteStrayError(error: unknown): void {
  strayError ??= error
  sawStrayError = true
}

/** Sockets, timers and the like that keep a process alive. */
export function underWay(): number {
  return process.getActiveResourcesInfo().length
}

class Skipped extends Error {}

const context = {
  skip: () => {
    throw new Skipped()
  },
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function suitesOf(suite: Suite | undefined): Suite[] {
  return suite === undefined ? [] : [...suitesOf(suite.parent), suite]
}

async function runBody(suites: readonly Suite[], run: Body): Promise<void> {
  for (const suite of suites) {
    if (opened.has(suite)) continue
    opened.add(suite)
    for (const hook of suite.beforeAll) await hook()
  }
  for (const suite of suites) for (const hook of suite.beforeEach) await hook()
  await run(context)
}

async function runCleanUps(suites: readonly Suite[]): Promise<void> {
  for (const suite of suites.toReversed()) for (const hook of suite.afterEach.toReversed()) await hook()
  for (const hook of cleanUps.toReversed()) await hook()
}

/** Settles with the outcome of `work`, or at the limit, or once nothing has been under way for some looks. */
function settle(work: Promise<void>, limitMs: number, idle: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const began = performance.now()
    let idleLooks = 0
    const timer = setInterval(() => {
      idleLooks = underWay() <= idle ? idleLooks + 1 : 0
      if (sawStrayError) end({ result: 'failed', why: textOf(strayError) })
      else if (idleLooks > idleLooksMax)
        end({ result: 'hung', why: 'nothing is under way that could settle it' })
      else if (performance.now() - began > limitMs)
        end({ result: 'hung', why: `it takes over ${limitMs} ms` })
    }, lookMs)
    timer.unref()
    function end(outcome: Outcome): void {
      clearInterval(timer)
      resolve(outcome)
    }
    work.then(
      () => end({ result: 'passed' }),
      (error: unknown) =>
        end(error instanceof Skipped ? { result: 'passed' } : { result: 'failed', why: textOf(error) }),
    )
  })
}

/** @param idle what is under way when nothing is */
export async function runTest(
  { suite, run }: RegisteredTest,
  limitMs: number,
  idle: number,
): Promise<Outcome> {
  cleanUps = []
  strayError = undefined
  sawStrayError = false
  const suites = suitesOf(suite)
  const outcome = await settle(runBody(suites, run), limitMs, idle)
  const cleaned = await settle(runCleanUps(suites), limitMs, idle)
  if (outcome.result !== 'passed') return outcome
  if (cleaned.result !== 'passed') return cleaned
  // Rejections are told after the microtasks.
  await new Promise((resolve) => setImmediate(resolve))
  return sawStrayError ? { result: 'failed', why: textOf(strayError) } : outcome
}

/** Runs the hooks that follow the last test. */
export async function closeSuites(limitMs: number, idle: number): Promise<void> {
  for (const suite of opened) {
    await settle(
      (async () => {
        for (const hook of suite.afterAll) await hook()
      })(),
      limitMs,
      idle,
    )
  }
  opened.clear()
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import { bundleTests } from './bundle.mjs'

/** @import { DryRunOptions, DryRunResult, MutantRunOptions, MutantRunResult } from '@stryker-mutator/api/test-runner' */
/** @typedef {{ [id: string]: number }} Durations milliseconds by test */

const durationsFile = 'mutation-durations.json'
/** A test that takes over this, and over a multiple of what it took without a mutant, hangs. Milliseconds. */
const limitMsMin = 2000
const limitFactor = 10
/** Tests that take longer, in the faster of two runs, are not repeated for every mutant. Milliseconds. */
const slowMs = 500
/** What takes so many times as long in the first run is not run again to see whether it is slow. */
const surelySlowFactor = 3

/** What Stryker's instrumented code reads and writes. @type {any} */
const switches = Reflect.get(globalThis, '__stryker__') ?? {}
Reflect.set(globalThis, '__stryker__', switches)

/** @type {(error: unknown) => void} */
let onStrayError = () => undefined
for (const event of ['unhandledRejection', 'uncaughtException'])
  process.on(event, (error) => onStrayError(error))

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Where the watchdog writes that a mutant never gave back its turn, before it ends the process. @param {string} mutant */
const hungFile = (mutant) => `mutation-hung-${mutant}`
/** How often the watchdog is shown that a turn has passed. Milliseconds. */
const turnShownMs = 100

/** Runs the tests of a part in Stryker's own worker process, with everything loaded once for many mutants. */
class WarmRunner {
  static inject = tokens(commonTokens.options, commonTokens.logger)

  /** @type {any} */
  #bundle
  #bundleFile = resolve(`mutation-bundle-${process.pid}.mjs`)
  #loads = 0
  /** Sockets and timers of the worker itself. */
  #idle = 0
  #isDirty = false
  /** @type {Worker | undefined} */
  #watchdog
  /** @type {Durations} */
  #durations = {}
  #haveDurations = false
  #options
  #log

  /** @param {any} options @param {import('@stryker-mutator/api/logging').Logger} log */
  constructor(options, log) {
    this.#options = options.warm
    this.#log = log
  }

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init() {
    Object.assign(process.env, this.#options.env)
    await bundleTests(this.#options, this.#bundleFile)
    const { default: fc } = await import('fast-check')
    fc.configureGlobal({ seed: 1 })
    await this.#load()
    const turns = new Int32Array(new SharedArrayBuffer(4))
    setInterval(() => Atomics.add(turns, 0, 1), turnShownMs).unref()
    this.#watchdog = new Worker(new URL('watchdog.mjs', import.meta.url), { workerData: { turns } })
    this.#watchdog.unref()
    await new Promise((resolve) => setTimeout(resolve, 100))
    this.#idle = this.#bundle.underWay()
  }

  /** Of the worker that has made the run without a mutant. */
  #readDurations() {
    this.#durations = JSON.parse(readFileSync(durationsFile, 'utf8'))
    this.#haveDurations = true
  }

  async #load() {
    this.#loads += 1
    this.#bundle = await import(`${pathToFileURL(this.#bundleFile).href}?${this.#loads}`)
    onStrayError = this.#bundle.noteStrayError
    await this.#bundle.load()
    this.#isDirty = false
  }

  /** @param {string} id @param {number} limitMs */
  async #run(id, limitMs) {
    return this.#bundle.runTest(this.#bundle.tests.get(id), limitMs, this.#idle)
  }

  /** Closes what the tests have opened, and notes whether anything goes on all the same. */
  async #settle() {
    await this.#bundle.closeSuites(limitMsMin, this.#idle)
    for (let turns = 0; turns < 20 && this.#bundle.underWay() > this.#idle; turns += 1) await turn()
    if (this.#bundle.underWay() > this.#idle) this.#isDirty = true
  }

  /** @param {string} pass @param {Iterable<string>} ids */
  async #runAll(pass, ids) {
    /** @type {Map<string, { outcome: any, ms: number }>} */
    const results = new Map()
    for (const id of ids) {
      switches.currentTestId = `${pass}${id}`
      const began = performance.now()
      const outcome = await this.#run(id, 30_000)
      switches.currentTestId = undefined
      results.set(id, { outcome, ms: performance.now() - began })
    }
    await this.#settle()
    return results
  }

  /**
   * Runs all tests twice: what passes only once cannot be repeated, and what is reached only once is kept afterwards.
   *
   * @returns {Promise<DryRunResult>}
   */
  async dryRun() {
    /** @type {{ namesLeftOut: readonly string[] }} */
    const { namesLeftOut } = this.#options
    const ids = [...this.#bundle.tests.keys()].filter((id) => !namesLeftOut.some((name) => id.includes(name)))
    const first = await this.#runAll('1', ids)
    const again = [...first].filter(([, { ms }]) => ms < slowMs * surelySlowFactor).map(([id]) => id)
    const second = await this.#runAll('2', again)
    for (const [id, { ms }] of first)
      if (!second.has(id)) this.#log.warn(`left out (${Math.round(ms)} ms): ${id}`)
    /** @type {any} */
    const { perTest, static: statically } = switches.mutantCoverage ?? { perTest: {}, static: {} }
    /** @type {any[]} */
    const results = []
    /** @type {any} */
    const coverage = {}
    const seenAgain = new Set()
    for (const [id, { outcome, ms }] of second) {
      const fastest = Math.min(ms, first.get(id)?.ms ?? ms)
      for (const mutant of Object.keys(perTest[`2${id}`] ?? {})) seenAgain.add(mutant)
      if (first.get(id)?.outcome.result === 'passed' && outcome.result === 'passed' && fastest < slowMs) {
        results.push({ id, name: id, status: 0, timeSpentMs: fastest })
        coverage[id] = perTest[`2${id}`] ?? {}
        this.#durations[id] = fastest
      } else if (first.get(id)?.outcome.result === 'failed' && outcome.result === 'failed') {
        results.push({ id, name: id, status: 1, timeSpentMs: fastest, failureMessage: outcome.why })
      } else {
        this.#log.warn(
          `left out (${first.get(id)?.outcome.result}, ${outcome.result}, ${Math.round(fastest)} ms): ${id} ${outcome.why ?? first.get(id)?.outcome.why ?? ''}`,
        )
      }
    }
    for (const [id, hits] of Object.entries(perTest)) {
      if (!id.startsWith('1') || !second.has(id.slice(1))) continue
      for (const [mutant, count] of Object.entries(/** @type {any} */ (hits)))
        if (!seenAgain.has(mutant)) statically[mutant] = (statically[mutant] ?? 0) + count
    }
    writeFileSync(durationsFile, JSON.stringify(this.#durations))
    return /** @type {any} */ ({
      status: 'complete',
      tests: results,
      mutantCoverage: { perTest: coverage, static: statically },
    })
  }

  /** @param {string} id @param {string | undefined} mutant @param {boolean} isStatic */
  async #runWith(id, mutant, isStatic) {
    if (this.#isDirty) {
      switches.activeMutant = isStatic ? mutant : undefined
      await this.#load()
    }
    switches.activeMutant = mutant
    const outcome = await this.#run(id, Math.max(limitMsMin, limitFactor * (this.#durations[id] ?? 0)))
    switches.activeMutant = undefined
    if (outcome.result === 'hung') this.#isDirty = true
    return outcome
  }

  /**
   * Whether a test that has failed does so for the mutant: it passes without it, and fails with it again. If not, an
   * earlier mutant may have left something behind, and everything is loaded again first.
   *
   * @param {string} id @param {string} mutant @param {boolean} isStatic
   */
  async #isNoticed(id, mutant, isStatic) {
    const passesWithout = async () => {
      if (isStatic) this.#isDirty = true
      return (await this.#runWith(id, undefined, false)).result === 'passed'
    }
    const failsAgain = async () => {
      if (isStatic) this.#isDirty = true
      return (await this.#runWith(id, mutant, isStatic)).result !== 'passed'
    }
    if ((await passesWithout()) && (await failsAgain())) return true
    this.#isDirty = true
    if (!(await failsAgain())) return false
    this.#isDirty = true
    return passesWithout()
  }

  /**
   * The quickest first, and as many as fit into the time that a mutant is worth.
   *
   * @param {readonly string[]} ids
   */
  #quickest(ids) {
    const known = ids.filter((id) => this.#durations[id] !== undefined)
    known.sort((a, b) => (this.#durations[a] ?? 0) - (this.#durations[b] ?? 0))
    let leftMs = this.#options.testMsMax
    return known.filter((id) => {
      leftMs -= this.#durations[id] ?? 0
      return leftMs >= 0
    })
  }

  /** @param {MutantRunOptions} options @returns {Promise<MutantRunResult>} */
  async mutantRun({ activeMutant: { id: mutant }, testFilter, hitLimit, mutantActivation }) {
    const isStatic = mutantActivation === 'static'
    if (!this.#haveDurations) this.#readDurations()
    if (existsSync(hungFile(mutant)))
      return /** @type {any} */ ({ status: 'timeout', reason: 'a loop without end' })
    this.#watchdog?.postMessage(mutant)
    switches.hitLimit = hitLimit
    switches.hitCount = hitLimit === undefined ? undefined : 0
    const ids = this.#quickest(testFilter ?? Object.keys(this.#durations))
    if (isStatic) this.#isDirty = true
    /** @type {any} */
    let result = { status: 'survived', nrOfTests: ids.length }
    try {
      for (const id of ids) {
        const outcome = await this.#runWith(id, mutant, isStatic)
        if (switches.hitCount > switches.hitLimit) {
          this.#isDirty = true
          result = { status: 'timeout', reason: 'hit limit' }
          break
        }
        if (outcome.result === 'passed') continue
        if (!(await this.#isNoticed(id, mutant, isStatic))) continue
        result =
          outcome.result === 'hung'
            ? { status: 'timeout', reason: outcome.why }
            : { status: 'killed', killedBy: [id], failureMessage: outcome.why, nrOfTests: ids.length }
        break
      }
      switches.activeMutant = undefined
      await this.#settle()
    } catch (error) {
      // The sources do not load with the mutant.
      result = { status: 'killed', killedBy: ids.slice(0, 1), failureMessage: String(error), nrOfTests: 1 }
      this.#isDirty = true
    }
    switches.activeMutant = undefined
    if (isStatic) this.#isDirty = true
    return result
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'warm', /** @type {any} */ (WarmRunner)),
]

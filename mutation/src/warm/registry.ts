/** What a test or a hook runs. It may be handed a context, and may give a promise. */
export type Body = (...args: unknown[]) => unknown

/** What `describe` opens: its hooks, and what surrounds it. */
export interface Suite {
  readonly name: string
  readonly parent: Suite | undefined
  readonly skipped: boolean
  readonly beforeAll: Body[]
  readonly afterAll: Body[]
  readonly beforeEach: Body[]
  readonly afterEach: Body[]
}

export interface RegisteredTest {
  readonly id: string
  readonly file: string
  readonly suite: Suite
  readonly run: Body
}

/** All tests of the files that were loaded, by their ids, in order. */
export const tests = new Map<string, RegisteredTest>()

function createSuite(name: string, parent: Suite | undefined, skipped: boolean): Suite {
  return { name, parent, skipped, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] }
}

let file = ''
let current = createSuite('', undefined, false)

/** Names the file that is about to be loaded. */
export function startFile(name: string): void {
  file = name
  current = createSuite(name, undefined, false)
}

export const beforeAll = (hook: Body): void => void current.beforeAll.push(hook)
export const afterAll = (hook: Body): void => void current.afterAll.push(hook)
export const beforeEach = (hook: Body): void => void current.beforeEach.push(hook)
export const afterEach = (hook: Body): void => void current.afterEach.push(hook)

function nameOf({ name, parent }: Suite): string {
  return parent === undefined ? name : `${nameOf(parent)} > ${name}`
}

function register(name: string, run: Body): void {
  if (current.skipped) return
  const path = `${nameOf(current)} > ${name}`
  let id = path
  for (let n = 2; tests.has(id); n += 1) id = `${path} (${n})`
  tests.set(id, { id, file, suite: current, run })
}

function inSuite(name: string, body: Body, args: unknown[], skipped: boolean): void {
  const outer = current
  current = createSuite(name, outer, outer.skipped || skipped)
  body(...args)
  current = outer
}

/** Of `(name, options, body)` and `(name, body, options)`. */
const bodyOf = (args: unknown[]): Body =>
  args.find((arg): arg is Body => typeof arg === 'function') ?? (() => undefined)

interface Declare {
  (name: string, ...rest: unknown[]): void
  skip: Declare
  skipIf(condition: unknown): Declare
  each(
    cases: readonly unknown[] | TemplateStringsArray,
    ...values: unknown[]
  ): (name: string, ...rest: unknown[]) => void
}

function declare(take: (name: string, body: Body, args: unknown[]) => void, skip?: Declare): Declare {
  const one = ((name: string, ...rest: unknown[]) => take(name, bodyOf(rest), [])) as Declare
  one.skip = skip ?? one
  one.skipIf = (condition) => (condition ? one.skip : one)
  one.each =
    (cases) =>
    (name, ...rest) => {
      const spread = [...cases].every(Array.isArray)
      for (const [index, given] of [...cases].entries()) {
        take(`${name} [${index}]`, bodyOf(rest), spread ? (given as unknown[]) : [given])
      }
    }
  return one
}

const nothing = declare(() => undefined)

export const it = declare((name, body, args) => {
  register(name, (context) => (args.length === 0 ? body(context) : body(...args)))
}, nothing)

export const describe = declare(
  (name, body, args) => inSuite(name, body, args, false),
  declare((name, body, args) => inSuite(name, body, args, true)),
)

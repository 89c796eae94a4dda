/** What one run mutates, and the tests that may notice it. Paths are globs from the repository's root. */
export interface Part {
  /** What has to load: a mutant that keeps it from that is noticed. */
  readonly entry: string
  readonly mutate: readonly string[]
  readonly tests: readonly string[]
}

/**
 * Left out: tests that measure (memory, costs, long runs of drawn cases), which are too slow to be repeated for every
 * mutant, the one that counts the worlds of the scenarios, which are fewer here, and the one that looks for its own lines in
 * stacks, where those of the runner's bundle stand.
 */
export const testsLeftOut: readonly string[] = [
  '**/test/random/random.test.ts',
  '**/types/**',
  'packages/framing/test/codec/decoder-cost.test.ts',
  'packages/framing/test/codec/decoder-random.test.ts',
  'packages/protocol/test/envelope/fuzz.test.ts',
  'packages/protocol/test/session/robustness.test.ts',
  'packages/client/test/browser-bundle.test.ts',
  'packages/client/test/shared-port.test.ts',
  'packages/server/test/own-port.test.ts',
  'tests/scenarios/budgets.test.ts',
  'tests/scenarios/contexts.test.ts',
  'tests/scenarios/crowd.test.ts',
  'tests/scenarios/depth-of-a-call.test.ts',
  'tests/scenarios/error-stacks.test.ts',
  'tests/scenarios/event-bursts.test.ts',
  'tests/scenarios/head-of-line.test.ts',
  'tests/scenarios/large-body.test.ts',
  'tests/scenarios/worlds.test.ts',
]

/**
 * The same for single tests, by a part of their names: two measure memory, which is another one in the runner, and one looks
 * for its own file in a stack, where the runner's bundle stands.
 */
export const namesLeftOut: readonly string[] = [
  'memory.test.ts > a text of brackets',
  'memory.test.ts > what comes beside a body',
  'console-log.test.ts > a server without a logger > writes what a handler threw',
]

const sessionTests = [
  'packages/protocol/test/session/**/*.test.ts',
  'packages/protocol/test/random/model.test.ts',
]

/** The parts of the issue, in the order in which `npm run mutation` takes them. */
export const parts = {
  framing: {
    entry: 'packages/framing/src/index.ts',
    mutate: ['packages/framing/src/**/*.ts'],
    tests: ['packages/framing/test/**/*.test.ts'],
  },
  envelope: {
    entry: 'packages/protocol/src/envelope/index.ts',
    mutate: ['packages/protocol/src/envelope/**/*.ts'],
    tests: ['packages/protocol/test/envelope/**/*.test.ts'],
  },
  link: {
    entry: 'packages/protocol/src/session/index.ts',
    mutate: ['packages/protocol/src/session/link/**/*.ts'],
    tests: sessionTests,
  },
  client: {
    entry: 'packages/client/src/index.ts',
    mutate: ['packages/client/src/**/*.ts'],
    tests: ['packages/client/test/**/*.test.ts', 'tests/scenarios/*.test.ts'],
  },
  server: {
    entry: 'packages/server/src/index.ts',
    mutate: ['packages/server/src/**/*.ts'],
    tests: ['packages/server/test/**/*.test.ts', 'tests/scenarios/*.test.ts'],
  },
  calling: {
    entry: 'packages/protocol/src/calling/index.ts',
    mutate: ['packages/protocol/src/calling/**/*.ts'],
    tests: [
      'packages/protocol/test/calling/**/*.test.ts',
      'packages/client/test/**/*.test.ts',
      'tests/scenarios/*.test.ts',
    ],
  },
  serving: {
    entry: 'packages/protocol/src/serving/index.ts',
    mutate: ['packages/protocol/src/serving/**/*.ts'],
    tests: [
      'packages/protocol/test/serving/**/*.test.ts',
      'packages/server/test/**/*.test.ts',
      'tests/scenarios/*.test.ts',
    ],
  },
  session: {
    entry: 'packages/protocol/src/session/index.ts',
    mutate: ['packages/protocol/src/session/**/*.ts', '!packages/protocol/src/session/link/**'],
    tests: sessionTests,
  },
} as const satisfies Record<string, Part>

export type PartName = keyof typeof parts

export function isPartName(name: string | undefined): name is PartName {
  return name !== undefined && Object.hasOwn(parts, name)
}

/** The variable that names the part to vitest.config.ts, which Stryker loads in processes of its own. */
export const partVariable = 'FRAMEPORT_MUTATION_PART'

/** What one run mutates, and the tests that may notice it. Paths are globs from the repository's root. */
export interface Part {
  readonly mutate: readonly string[]
  readonly tests: readonly string[]
}

/** Tests that measure (memory, costs, long runs of drawn cases): too slow to be repeated for every mutant. */
export const slowTests: readonly string[] = [
  '**/test/random/random.test.ts',
  '**/types/**',
  'packages/framing/test/codec/decoder-cost.test.ts',
  'packages/framing/test/codec/decoder-random.test.ts',
  'packages/protocol/test/envelope/fuzz.test.ts',
  'packages/protocol/test/session/robustness.test.ts',
  'packages/client/test/browser-bundle.test.ts',
]

/** What errors mean, as data for docs/errors.md: a test of tools holds the two together. */
const notErrorCodes = '!packages/*/src/error-codes.ts'

const sessionTests = [
  'packages/protocol/test/session/**/*.test.ts',
  'packages/protocol/test/random/model.test.ts',
]

/** The parts of the issue, in the order in which `npm run mutation` takes them. */
export const parts = {
  framing: {
    mutate: ['packages/framing/src/**/*.ts', notErrorCodes],
    tests: ['packages/framing/test/**/*.test.ts'],
  },
  envelope: {
    mutate: ['packages/protocol/src/envelope/**/*.ts'],
    tests: ['packages/protocol/test/envelope/**/*.test.ts'],
  },
  link: {
    mutate: ['packages/protocol/src/session/link/**/*.ts'],
    tests: sessionTests,
  },
  client: {
    mutate: ['packages/client/src/**/*.ts', notErrorCodes],
    tests: ['packages/client/test/**/*.test.ts', 'tests/scenarios/*.test.ts'],
  },
  server: {
    mutate: ['packages/server/src/**/*.ts', notErrorCodes],
    tests: ['packages/server/test/**/*.test.ts', 'tests/scenarios/*.test.ts'],
  },
  session: {
    mutate: ['packages/protocol/src/session/**/*.ts', '!packages/protocol/src/session/link/**'],
    tests: sessionTests,
  },
} as const satisfies Record<string, Part>

export type PartName = keyof typeof parts

export function isPartName(name: string | undefined): name is PartName {
  return name !== undefined && Object.hasOwn(parts, name)
}

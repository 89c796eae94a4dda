import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vitest/config'
import { packageTests } from '../vitest.base.ts'
import { isPartName, parts, partVariable, testsLeftOut } from './src/parts.ts'

const name = process.env[partVariable]
if (!isPartName(name))
  throw new Error(`${partVariable} names no part of parts.ts: it is set by npm run mutation`)

/** The sources beside this file: in Stryker's sandbox, the mutated ones, where a link in node_modules leads out of it. */
const source = (path: string) => fileURLToPath(new URL(`../packages/${path}`, import.meta.url))

const base = packageTests('mutation')
const { include: _include, setupFiles: _setUp, ...test } = base.test ?? {}

/**
 * The tests of one part, as Stryker runs them in its sandbox: in one thread and without the set-up of drawn cases, for the
 * sake of speed. Those that draw cases are among the slow ones.
 */
export default mergeConfig(
  { ...base, test },
  defineConfig({
    resolve: {
      alias: [
        { find: /^@frameport\/framing\/checks$/, replacement: source('framing/src/checks.ts') },
        { find: /^@frameport\/protocol\/(\w+)$/, replacement: source('protocol/src/$1/index.ts') },
        { find: /^@frameport\/(client|server)\/tcp$/, replacement: source('$1/src/tcp.ts') },
        {
          find: /^@frameport\/(framing|protocol|client|server|testing)$/,
          replacement: source('$1/src/index.ts'),
        },
      ],
    },
    test: {
      include: ['mutation/test/loads.test.ts', ...parts[name].tests],
      exclude: [...testsLeftOut],
      // One in virtual time, and one over sockets: what differs between back ends is no part of what is mutated.
      env: { FRAMEPORT_TEST_WORLDS: 'memory,net' },
      isolate: false,
      testTimeout: 10_000,
      hookTimeout: 10_000,
      reporters: ['dot'],
    },
  }),
)

import { expect, test } from 'vitest'
import { readRepositoryFile as read, repositoryFiles } from '../src/repository.ts'

const packages = [
  'client',
  'framing',
  'iocp-core',
  'log-sqlite',
  'protocol',
  'server',
  'testing',
  'broker-nats',
]

const sources = repositoryFiles().filter((file) =>
  packages.some((name) => file.startsWith(`packages/${name}/src/`) && file.endsWith('.ts')),
)

/** The tests of wrong milliseconds: at the limit, one above it, far above it, and values that are not numbers. */
const tests = [
  'packages/protocol/test/session/milliseconds.test.ts',
  'tests/scenarios/configuration.test.ts',
  'tests/scenarios/given-to-servers.test.ts',
  'packages/iocp-core/test/limits.test.ts',
  'packages/testing/test/network/wrong-uses.test.ts',
  'packages/log-sqlite/test/opening.test.ts',
  'packages/broker-nats/test/wrong-uses.test.ts',
  'packages/server/test/workers/pool-parts.test.ts',
].map((file) => read(file))

/** Members that are reported and not given: points in time, constants, and values that arrive over the wire. */
const notOptions = new Set([
  'dueAtMs',
  'dueMs',
  'departedMs',
  'latencyMinMs',
  'latencyMaxMs',
  'clockOffsetMaxMs',
  'offsetMs',
  'drawnOffsetMs',
  'setAtMs',
  'deadlineAtMs',
  'acceptBackoffMs',
  'attemptSettledMs',
  'forgottenAfterMs',
  'unixProbeTimeoutMs',
  'idleTimeMaxMs',
  'remainingMs',
  'leftMs',
  'ms',
  'afterMs',
  'beganAtMs',
  'waitingSinceMs',
  'sentAtMs',
  'usedMs',
  'ageMs',
  'noticeMs',
  'earliestMs',
  'silentMs',
  'restartInMs',
  'retryMaxMs',
  'windowMs',
  'durationMs',
  'consumerIdleMs',
  'fetchExpiresMs',
  'toldAtMs',
  'lostAtMs',
  'agoMs',
])

test('every option in milliseconds has a test of wrong values', () => {
  const options = new Set<string>()
  for (const file of sources) {
    for (const [, option] of read(file).matchAll(/(?:readonly |\{ |, |^\s+)(\w+Ms)\??: /gm)) {
      if (option !== undefined && !notOptions.has(option)) options.add(option)
    }
  }
  expect(options.size).toBeGreaterThan(10)
  const untried = [...options].filter((option) => !tests.some((text) => text.includes(option)))
  expect(untried).toEqual([])
})

/** Each of them passes a checked delay: checked by the session or by a limit, or a constant. */
const setters = [
  'packages/broker-nats/src/timer.ts',
  'packages/client/src/browser-platform.ts',
  'packages/client/src/ws/open-web-socket.ts',
  'packages/framing/src/web-socket/buffered-watch.ts',
  // Keeps the process alive while no worker lives and one is about to start.
  'packages/server/src/workers/worker-pool.ts',
  'packages/iocp-core/src/platform/real-timers.ts',
  'packages/log-sqlite/src/worker/log-thread.ts',
]

test('only these files set timers of the platform', () => {
  const others = sources.filter((file) => !setters.includes(file))
  expect(others.filter((file) => /\bsetTimeout\(|\bsetInterval\(/.test(read(file)))).toEqual([])
})

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

/** Where wrong milliseconds are tried: at the limit, one over, far over, and what is no number. */
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

/** Members that are told and not given: points in time, constants, and what arrives over the wire. */
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

test('every option in milliseconds has its wrong values tried', () => {
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

/** Each gives it a delay that was checked: by the session, by a limit, or a constant. */
const setters = [
  'packages/broker-nats/src/timer.ts',
  'packages/client/src/browser-platform.ts',
  'packages/client/src/ws/open-web-socket.ts',
  'packages/framing/src/web-socket/buffered-watch.ts',
  // Holds the process while no worker lives and one is about to start.
  'packages/server/src/workers/worker-pool.ts',
  'packages/iocp-core/src/platform/real-timers.ts',
  'packages/log-sqlite/src/worker/log-thread.ts',
]

test('timers of the platform are set in these files only', () => {
  const others = sources.filter((file) => !setters.includes(file))
  expect(others.filter((file) => /\bsetTimeout\(|\bsetInterval\(/.test(read(file)))).toEqual([])
})

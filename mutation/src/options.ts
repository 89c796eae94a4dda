import { fileURLToPath } from 'node:url'
import type { PartialStrykerOptions } from '@stryker-mutator/api/core'
import { type PartName, parts } from './parts.ts'

/** What vitest needs no copy of: outputs, the core (whose sources no part mutates), and other programs. */
const notInSandbox = [
  'dist',
  'build',
  'coverage',
  '.turbo',
  '/.changeset',
  '/apps',
  '/benchmarks',
  '/interop',
  '/packages/iocp-core',
  '/mutation/reports',
]

/** Stryker's options for one part. It runs at the repository's root, in a sandbox below mutation/temp. */
export function strykerOptions(part: PartName): PartialStrykerOptions {
  const reports = `mutation/reports/${part}`
  return {
    mutate: [...parts[part].mutate],
    testRunner: 'vitest',
    vitest: { configFile: 'mutation/vitest.config.ts', related: false },
    plugins: [
      '@stryker-mutator/vitest-runner',
      fileURLToPath(new URL('texts-for-people.mjs', import.meta.url)),
    ],
    ignorers: ['texts-for-people'],
    coverageAnalysis: 'perTest',
    ignoreStatic: false,
    concurrency: 2,
    // Beside half as much again as the tests took: a mutant that waits for ever is found by vitest's own limit.
    timeoutMS: 60_000,
    tempDirName: 'mutation/temp',
    ignorePatterns: notInSandbox,
    disableTypeChecks: false,
    allowConsoleColors: false,
    reporters: ['json', 'html', 'clear-text', 'progress-append-only'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    jsonReporter: { fileName: `${reports}/mutation.json` },
    htmlReporter: { fileName: `${reports}/mutation.html` },
    thresholds: { high: 95, low: 90, break: 90 },
  }
}

import { fileURLToPath } from 'node:url'
import type { PartialStrykerOptions } from '@stryker-mutator/api/core'
import { namesLeftOut, type PartName, parts, testsLeftOut } from './parts.ts'

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

/**
 * How long the tests of one mutant may take, the quickest first, by what they take without it: survivors are most of the
 * work. A run of survivors has no such limit. Milliseconds.
 */
const testMsMax = 800

/**
 * Stryker's options for one part. It runs at the repository's root, in a sandbox below mutation/temp.
 *
 * @param survivors where mutants are that survived: only those are made then
 */
export function strykerOptions(part: PartName, survivors?: readonly string[]): PartialStrykerOptions {
  const reports = `mutation/reports/${part}${survivors === undefined ? '' : '-survivors'}`
  return {
    mutate: [...(survivors ?? parts[part].mutate)],
    testRunner: 'warm',
    warm: {
      entry: parts[part].entry,
      tests: parts[part].tests,
      leftOut: testsLeftOut,
      namesLeftOut,
      testMsMax: survivors === undefined ? testMsMax : Number.MAX_SAFE_INTEGER,
      // One in virtual time, and one over sockets: what differs between back ends is no part of what is mutated.
      env: { FRAMEPORT_TEST_WORLDS: 'memory,net' },
    },
    warnings: { unknownOptions: false, preprocessorErrors: true, unserializableOptions: true, slow: true },
    plugins: [
      fileURLToPath(new URL('warm/warm-runner.mjs', import.meta.url)),
      fileURLToPath(new URL('texts-for-people.mjs', import.meta.url)),
    ],
    ignorers: ['texts-for-people'],
    coverageAnalysis: 'perTest',
    ignoreStatic: false,
    concurrency: 2,
    // A run without a mutant takes three minutes, and several times as long on a machine that is busy.
    dryRunTimeoutMinutes: 20,
    // Beside half as much again as the tests took: for a mutant that never gives back its turn.
    timeoutMS: 15_000,
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

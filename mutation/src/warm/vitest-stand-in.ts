import { restoreAllMocks, spyOn } from '@vitest/spy'
import { describe, it } from './registry.ts'
import { onTestFinished } from './running.ts'

/**
 * What test files import instead of `vitest` in a run of mutants: as much of it as they use, on a list of tests that can be
 * run again without loading anything again.
 */
export { expect } from './expect.ts'
export { afterAll, afterEach, beforeAll, beforeEach } from './registry.ts'
export { describe, it, onTestFinished }
export const suite = describe
export const test = it
export const vi = { restoreAllMocks, spyOn }

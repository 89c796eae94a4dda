import fc from 'fast-check'

/**
 * The gate repeats itself: property tests draw the same cases in every run. `npm run fuzz` draws new ones, and
 * fast-check prints the seed of a failure; FRAMEPORT_FUZZ_SEED=that seed brings it back.
 */
const wanted = process.env['FRAMEPORT_FUZZ_SEED'] ?? '1'
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) })

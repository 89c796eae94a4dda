/**
 * FRAMEPORT_FUZZ_SEED: an integer of at least 0, or `random`.
 *
 * @param otherwise the default
 * @throws RangeError
 */
export function seedOf(
  environment: Readonly<Record<string, string | undefined>>,
  otherwise: '1' | 'random',
): number {
  const wanted = environment.FRAMEPORT_FUZZ_SEED ?? otherwise
  const seed = wanted === 'random' ? Math.floor(Math.random() * 2 ** 32) : Number(wanted)
  if (Number.isSafeInteger(seed) && seed >= 0) return seed
  throw new RangeError(`FRAMEPORT_FUZZ_SEED is ${wanted}: give a whole number from 0 on, or random`)
}

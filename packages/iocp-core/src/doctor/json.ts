import type { BackendName } from '../contract/backend-note.ts'
import type { Findings, Surroundings } from './examination.ts'

/** The output of `--json`: everything that the text contains, with null for what the system does not report. */
export function jsonOf(
  { version, runtime, facts, backendVariable, wakerVariable }: Surroundings,
  { addonFile, notes, expected, outcome, requiredOutcome }: Findings,
  { ok, required }: { readonly ok: boolean; readonly required: BackendName | undefined },
) {
  return {
    version,
    runtime,
    system: {
      platform: facts.platform,
      arch: facts.arch,
      kernel: facts.kernelRelease,
      libc: facts.libc ?? null,
      seccompMode: facts.seccompMode ?? null,
      ioUringDisabled: facts.ioUringDisabled ?? null,
      ioUringGroup: facts.ioUringGroup ?? null,
      // JSON cannot represent infinity.
      lockedMemoryBytes:
        facts.lockedMemoryBytes === Number.POSITIVE_INFINITY
          ? 'unlimited'
          : (facts.lockedMemoryBytes ?? null),
    },
    backendVariable: backendVariable ?? null,
    wakerVariable: wakerVariable ?? null,
    addonFile: addonFile ?? null,
    backends: notes,
    expected,
    required: required ?? null,
    createCompletionPort: outcome,
    createRequired: requiredOutcome ?? null,
    ok,
  }
}

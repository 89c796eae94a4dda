import type { BackendName, BackendNote, BackendStep } from '../contract/backend-note.ts'
import type { MachineFacts } from '../diagnosis/machine-facts.ts'
import { kernelsMin, sizeText } from '../diagnosis/refused-step.ts'
import type { Findings, Surroundings } from './examination.ts'

/** The text of the doctor in two parts: the facts known beforehand, and the results of trying. */

type Row = readonly [label: string, text: string]

export function surroundingsText({ version, runtime, facts, ...variables }: Surroundings): string {
  const rows: Row[] = [['system', systemText(runtime, facts)], ...settingRows(facts)]
  const { backendVariable, wakerVariable } = variables
  if (backendVariable !== undefined) rows.push(['variable', `FRAMEPORT_BACKEND=${backendVariable}`])
  if (wakerVariable !== undefined) rows.push(['variable', `FRAMEPORT_WAKER=${wakerVariable}`])
  return `Frameport doctor: the completion port (@frameport/iocp-core ${version}) on this machine\n\n${table(rows)}`
}

export function findingsText(findings: Findings): string {
  const { notes, addonFile } = findings
  const parts = [
    table([['addon', addonFile ?? 'none is loaded']]),
    `Back ends, best first\n\n${table(notes.map((note) => [note.backend, stateText(note)]))}`,
    ...notes.flatMap((note) => detailText(note) ?? []),
    ...verdictText(findings),
  ]
  return `${parts.join('\n')}\n`
}

/** Whether the relevant back end works and a port can be made, and a sentence that says so. */
export function verdict(
  findings: Findings,
  required: BackendName | undefined,
): { readonly ok: boolean; readonly sentence: string } {
  const name = required ?? findings.expected
  const why = required === undefined ? 'the best back end for this system' : 'the required back end'
  const works = findings.notes.some(({ backend, available }) => backend === name && available)
  const outcome = findings.requiredOutcome ?? findings.outcome
  if (works && 'error' in outcome)
    return {
      ok: false,
      sentence: `${name}, ${why}, works, but createCompletionPort() fails: ${outcome.error}`,
    }
  return { ok: works, sentence: `${name}, ${why}, ${works ? 'works' : 'does not work'}.` }
}

function systemText(runtime: string, { platform, arch, kernelRelease, libc }: MachineFacts): string {
  const library = libc === undefined ? '' : `, ${libc}`
  return `${platform} ${kernelRelease}, ${arch}${library}, ${runtime}`
}

/** The settings by which Linux may forbid io_uring; other systems have none. */
function settingRows(facts: MachineFacts): Row[] {
  if (facts.platform !== 'linux') return []
  return [
    ['seccomp', seccompText(facts.seccompMode)],
    ['sysctl', sysctlText(facts)],
    ['memlock', memlockText(facts.lockedMemoryBytes)],
  ]
}

function seccompText(mode: number | undefined): string {
  if (mode === undefined) return 'unknown: /proc/self/status does not say'
  return mode === 0 ? 'no filter is in force' : `a filter is in force (mode ${mode})`
}

const disabledTexts = [
  'everybody may use io_uring',
  'one group and privileged processes may use io_uring',
  'nobody may use io_uring',
]

function sysctlText({ ioUringDisabled, ioUringGroup }: MachineFacts): string {
  if (ioUringDisabled === undefined)
    return 'kernel.io_uring_disabled does not exist here (kernels before 6.6)'
  const group = ioUringDisabled === 1 ? `, kernel.io_uring_group = ${ioUringGroup}` : ''
  return `kernel.io_uring_disabled = ${ioUringDisabled}${group}: ${disabledTexts[ioUringDisabled] ?? 'unknown'}`
}

function memlockText(bytes: number | undefined): string {
  if (bytes === undefined) return 'unknown: /proc/self/limits does not say'
  return bytes === Number.POSITIVE_INFINITY ? 'no limit' : `at most ${sizeText(bytes)} of locked memory`
}

function stateText({ available, cause, reason, steps }: BackendNote): string {
  if (!available) return cause === 'other_system' ? `not here: ${reason}` : `does not work (${cause})`
  const without = steps.filter(({ ok }) => !ok).map(({ step }) => step)
  return without.length === 0 ? 'works' : `works, without ${without.join(', ')}`
}

/** The steps of a back end and, when it does not work, the cause and the fix. */
function detailText({ backend, available, cause, steps, reason, fix }: BackendNote): string | undefined {
  if (cause === 'other_system' || (available && steps.length === 0)) return undefined
  const minimum =
    backend in kernelsMin ? ` (kernel ${kernelsMin[backend as keyof typeof kernelsMin]} or newer)` : ''
  const rows: Row[] = steps.map((step) => [step.step, answerText(step)])
  if (!available) rows.push(['why', reason ?? ''], ['fix', fix ?? ''])
  return `${backend}${minimum}\n\n${table(rows)}`
}

function answerText({ ok, required, systemCode }: BackendStep): string {
  if (ok) return 'ok'
  return required ? `${systemCode}` : `${systemCode} (optional: the back end works without it)`
}

function verdictText({ outcome }: Findings): string[] {
  return 'backend' in outcome
    ? [`createCompletionPort() uses ${outcome.backend} here.`]
    : [`createCompletionPort() fails here. ${outcome.error}`]
}

/** Two columns, indented, with a line break at the end. Short labels line up across tables, too. */
function table(rows: readonly Row[]): string {
  const width = Math.max(8, ...rows.map(([label]) => label.length))
  return rows.map(([label, text]) => `  ${label.padEnd(width)}   ${text}\n`).join('')
}

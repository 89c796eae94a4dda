import { limits } from '../limits.ts'

interface Sample {
  readonly atMs: number
  readonly doneBytes: number
}

/** How far one file has come, and how fast it goes. */
export class FileProgress {
  readonly direction: 'in' | 'out'
  readonly name: string
  readonly bytes: number
  /** What it waits for; undefined while bytes are on their way. */
  waitsFor: string | undefined
  /** Whose slowness makes it stand, on its way. */
  heldUpBy: string | undefined
  #doneBytes = 0
  readonly #nowMs: () => number
  readonly #samples: Sample[] = []

  constructor(
    direction: 'in' | 'out',
    { name, bytes }: { readonly name: string; readonly bytes: number },
    waitsFor: string,
    nowMs = () => performance.now(),
  ) {
    this.direction = direction
    this.name = name
    this.bytes = bytes
    this.waitsFor = waitsFor
    this.#nowMs = nowMs
  }

  get doneBytes(): number {
    return this.#doneBytes
  }

  /** From 0 to 1. An empty file is complete. */
  get share(): number {
    return this.bytes === 0 ? 1 : this.#doneBytes / this.bytes
  }

  /** Over the last seconds; undefined before there is anything to measure. One that stands comes down to 0. */
  get bytesPerSecond(): number | undefined {
    if (this.#samples.length === 0) return undefined
    const nowMs = this.#nowMs()
    this.#sample(nowMs)
    while ((this.#samples[1]?.atMs ?? nowMs) <= nowMs - limits.progressRateMs) this.#samples.shift()
    const [first] = this.#samples
    if (first === undefined || nowMs - first.atMs < limits.progressIntervalMs) return undefined
    return ((this.#doneBytes - first.doneBytes) * 1_000) / (nowMs - first.atMs)
  }

  /** So many bytes are done, the checksum behind them not counted. */
  moved(doneBytes: number): void {
    this.#sample(this.#nowMs())
    this.#doneBytes = Math.min(doneBytes, this.bytes)
  }

  /** One per drawing is enough. */
  #sample(atMs: number): void {
    const last = this.#samples.at(-1)
    if (last === undefined || atMs - last.atMs >= limits.progressIntervalMs)
      this.#samples.push({ atMs, doneBytes: this.#doneBytes })
  }
}

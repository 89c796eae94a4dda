import { limits } from '../limits.ts'

interface Sample {
  readonly atMs: number
  readonly doneBytes: number
}

/** The progress and the rate of one file transfer. */
export class FileProgress {
  readonly direction: 'in' | 'out'
  readonly name: string
  readonly bytes: number
  /** A text that says what the transfer waits for; undefined while bytes are sent. */
  waitsFor: string | undefined
  /** The takers that hold up the transfer. */
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

  /**
   * The rate over the last seconds; undefined before there is anything to measure. It falls to 0 when the transfer
   * stops.
   */
  get bytesPerSecond(): number | undefined {
    if (this.#samples.length === 0) return undefined
    const nowMs = this.#nowMs()
    this.#sample(nowMs)
    while ((this.#samples[1]?.atMs ?? nowMs) <= nowMs - limits.progressRateMs) this.#samples.shift()
    const [first] = this.#samples
    if (first === undefined || nowMs - first.atMs < limits.progressIntervalMs) return undefined
    return ((this.#doneBytes - first.doneBytes) * 1_000) / (nowMs - first.atMs)
  }

  /** Sets the number of transferred bytes, limited to the file without its checksum. */
  moved(doneBytes: number): void {
    this.#sample(this.#nowMs())
    this.#doneBytes = Math.min(doneBytes, this.bytes)
  }

  /** One sample per redraw is enough. */
  #sample(atMs: number): void {
    const last = this.#samples.at(-1)
    if (last === undefined || atMs - last.atMs >= limits.progressIntervalMs)
      this.#samples.push({ atMs, doneBytes: this.#doneBytes })
  }
}

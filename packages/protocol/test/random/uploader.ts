import type { Body } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/rpc-error.ts'
import type { OutgoingUpload } from '../../src/session/index.ts'
import { bytesOfBody, drawBody, scribble, textOfBody } from './bodies.ts'
import type { Role } from './model/trace.ts'
import type { Run } from './run.ts'

/** The source of an upload. It gives items on request, or by itself as fast as they are wanted. */
export class Uploader {
  readonly #run: Run
  readonly #side: Role
  readonly #upload: OutgoingUpload
  readonly tag: number
  /** The longest body that its callee accepts. */
  readonly #bodyBytesMax: number
  hasEnded = false
  #isWaiting = false

  constructor(run: Run, side: Role, upload: OutgoingUpload, tag: number, bodyBytesMax: number) {
    this.#run = run
    this.#side = side
    this.#upload = upload
    this.tag = tag
    this.#bodyBytesMax = bodyBytesMax
  }

  begin(): void {
    const { draw, isCalm } = this.#run
    if (isCalm) return
    const how = draw.weighted({ itself: 6, told: 3, empty: 1 })
    if (how === 'itself') void this.giveAll(this.#draw(draw.int(0, 8)), draw.chance(0.7))
    else if (how === 'empty') this.end()
  }

  /** Whether it still waits although it may send an item. */
  get waitsForNothing(): boolean {
    return this.#isWaiting && this.#upload.canSend
  }

  /** Gives an item, whether or not one is wanted. */
  giveItem(body = this.#body()): void {
    const text = textOfBody(body)
    const bytes = bytesOfBody(body)
    try {
      this.#upload.send(body)
      scribble(body)
    } catch (error) {
      if (!RpcError.is(error)) this.#run.defect ??= error
      return
    }
    this.#run.see(this.#side, { what: 'giveItem', tag: this.tag, body: text, bytes })
  }

  /** @param ends whether the upload ends after these items */
  async giveAll(bodies: Iterable<Body>, ends: boolean): Promise<void> {
    for (const body of bodies) {
      if (this.hasEnded) return
      this.#isWaiting = true
      const isWanted = this.#upload.canSend || (await this.#upload.ready())
      this.#isWaiting = false
      if (!isWanted) {
        this.#run.see(this.#side, { what: 'notWanted', tag: this.tag })
        return
      }
      if (!this.hasEnded) this.giveItem(body)
    }
    if (ends) this.end()
  }

  /** A second end has no effect. */
  end(): void {
    this.hasEnded = true
    this.#run.see(this.#side, { what: 'endUpload', tag: this.tag })
    this.#upload.end()
  }

  *#draw(count: number): Generator<Body> {
    for (let drawn = 0; drawn < count; drawn++) yield this.#body()
  }

  /** Some are longer than the callee accepts. */
  #body(): Body {
    return drawBody(this.#run.draw, this.#run.next(), 1.05 * this.#bodyBytesMax)
  }
}

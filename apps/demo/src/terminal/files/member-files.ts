import { join } from 'node:path'
import { safe } from '@frameport/client'
import { byteSize } from '../../byte-sizes.ts'
import type { ClosedOffer, FileOffer } from '../../file-contract.ts'
import { savedFileName } from '../../file-names.ts'
import { limits } from '../../limits.ts'
import { sentenceOf } from '../../member/failures.ts'
import type { FileProgress } from '../../member/file-progress.ts'
import type { FilesOfMember, RoomFiles } from '../../member/room-files.ts'
import { nameKey } from '../../text-rules.ts'
import { isFolder, typedPath } from './paths.ts'
import { progressText } from './progress-row.ts'
import { type RunningFile, RunningFiles } from './running-files.ts'
import { FileSender } from './send-file.ts'
import { SourceFile } from './source-file.ts'
import { FileTaker } from './take-file.ts'

export interface MemberFilesOptions extends FilesOfMember {
  /** The folder for relative paths of files to be sent. */
  readonly folder: string
  /** Where files are saved. */
  readonly saveTo: string
  /** Report progress as notices, because there are no bars. */
  readonly progressAsNotice: boolean
}

/** The files that one member offers, takes, and can take. Each asynchronous method resolves to whether it succeeded. */
export class MemberFiles implements RoomFiles {
  readonly #options: MemberFilesOptions
  readonly #running: RunningFiles
  /** The offers of the room, by number. */
  readonly #offers = new Map<number, FileOffer>()

  constructor(options: MemberFilesOptions) {
    this.#options = options
    const tell = options.progressAsNotice ? (text: string) => this.#notice(text) : undefined
    this.#running = new RunningFiles({ changed: options.changed, tell })
  }

  /** The numbers of the files that may be taken. */
  get offered(): readonly number[] {
    return [...this.#offers.keys()]
  }

  entered(offers: readonly FileOffer[]): void {
    const known = [...this.#offers.values()]
    this.#offers.clear()
    for (const offer of offers) {
      const isKnown = known.some(({ file, name, from }) => {
        return file === offer.file && name === offer.name && from === offer.from
      })
      if (isKnown) this.#offers.set(offer.file, offer)
      else this.heardOffer(offer)
    }
  }

  heardOffer(offer: FileOffer): void {
    if (nameKey(offer.from) === nameKey(this.#options.name) || this.#offers.has(offer.file)) return
    this.#offers.set(offer.file, offer)
    if (this.#offers.size > limits.roomFilesMax) this.#offers.delete(Math.min(...this.#offers.keys()))
    const { file, name, bytes, from } = offer
    this.#notice(`${from} offers ${name} (${byteSize(bytes)}): /take ${file} or /decline ${file}`)
  }

  /** A member that takes or has declined the file does not see this notice. */
  heardClosed({ file, why }: ClosedOffer): void {
    const offer = this.#offers.get(file)
    this.#offers.delete(file)
    if (offer === undefined || this.#find('in', file) !== undefined) return
    this.#notice(closedSentences[why](offer.name, offer.from))
  }

  async send(path: string): Promise<boolean> {
    const { source, fault } = await SourceFile.open(typedPath(path, this.#options.folder))
    if (source === undefined) return this.#refused(fault)
    await this.#options.ready()
    const sender = new FileSender(source, this.#fileOptions())
    return await this.#running.run(sender.running, () => sender.run())
  }

  /** `wanted`: a path, or a folder; in the folder for files when it is relative. */
  async take(file: number | undefined, wanted: string | undefined): Promise<boolean> {
    await this.#options.ready()
    const offer = this.#offer('take', file)
    if (typeof offer === 'string') return this.#refused(offer)
    if (this.#find('in', offer.file) !== undefined)
      return this.#refused(`You are already taking ${offer.name}.`)
    const taker = new FileTaker(offer, this.#fileOptions())
    return await this.#running.run(taker.running, async () => taker.run(await this.#savedPath(offer, wanted)))
  }

  async decline(file: number | undefined): Promise<boolean> {
    await this.#options.ready()
    const offer = this.#offer('decline', file)
    if (typeof offer === 'string') return this.#refused(offer)
    this.#offers.delete(offer.file)
    const { client } = this.#options
    const declined = await safe(
      client.files.decline({ file: offer.file }, { deadlineMs: limits.callDeadlineMs }),
    )
    if (!declined.ok) return this.#refused(sentenceOf(declined.error))
    this.#notice(`You have declined ${offer.name} from ${offer.from}.`)
    return true
  }

  /** Lists the files that the server offers, and the running transfers. */
  async list(): Promise<boolean> {
    await this.#options.ready()
    const listed = await safe(this.#options.client.files.list({ deadlineMs: limits.callDeadlineMs }))
    if (!listed.ok) return this.#refused(sentenceOf(listed.error))
    this.#offers.clear()
    for (const offer of listed.data.files) {
      if (nameKey(offer.from) !== nameKey(this.#options.name)) this.#offers.set(offer.file, offer)
    }
    for (const { file, progress } of this.#running.all) this.#notice(runningSentence(file, progress))
    const free = [...this.#offers.values()].filter(({ file }) => this.#find('in', file) === undefined)
    for (const { file, name, bytes, from } of free) {
      this.#notice(`${file}: ${name} (${byteSize(bytes)}) from ${from}: /take ${file} or /decline ${file}`)
    }
    if (free.length === 0 && this.#running.all.length === 0)
      this.#notice('There are no offered files and no running transfers here.')
    return true
  }

  cancel(file: number | undefined): boolean {
    const running = this.#running.all.filter((one) => file === undefined || one.file === file)
    const [first, second] = running
    if (first === undefined) {
      return this.#refused(
        file === undefined
          ? 'You are not sending or taking a file.'
          : `You are not sending or taking file ${file}.`,
      )
    }
    if (second !== undefined) return this.#refused(`Say which file: ${numbers('cancel', running)}`)
    first.controller.abort()
    return true
  }

  stop(): Promise<void> {
    return this.#running.stop()
  }

  #fileOptions() {
    const { client, show } = this.#options
    return { client, show, changed: () => this.#running.changed() }
  }

  #find(direction: FileProgress['direction'], file: number): RunningFile | undefined {
    return this.#running.all.find((one) => one.file === file && one.progress.direction === direction)
  }

  /** The offer of that number, or the only one; otherwise a sentence. */
  #offer(command: 'take' | 'decline', file: number | undefined): FileOffer | string {
    const offers = [...this.#offers.values()]
    const found = offers.filter((offer) => file === undefined || offer.file === file)
    const [first, second] = found
    if (second !== undefined) return `Say which file: ${numbers(command, found)}`
    if (first !== undefined) return first
    if (file === undefined) return 'No file is offered here.'
    return `There is no file ${file} that you can take. /files lists the files.`
  }

  async #savedPath({ name }: FileOffer, wanted: string | undefined): Promise<string> {
    const saved = savedFileName(name)
    const { saveTo } = this.#options
    if (wanted === undefined) return join(saveTo, saved)
    const path = typedPath(wanted, saveTo)
    return /[/\\]$/.test(wanted) || (await isFolder(path)) ? join(path, saved) : path
  }

  #refused(text: string): false {
    this.#options.show({ kind: 'fault', text })
    return false
  }

  #notice(text: string): void {
    this.#options.show({ kind: 'notice', text })
  }
}

function numbers(command: string, files: readonly { readonly file?: number | undefined }[]): string {
  return files.map(({ file }) => `/${command} ${file ?? ''}`).join(', ')
}

function runningSentence(file: number | undefined, progress: FileProgress): string {
  const arrow = progress.direction === 'in' ? '↓' : '↑'
  const text =
    progress.waitsFor === undefined ? progressText(progress) : `${progress.name} ${progress.waitsFor}`
  return `${arrow} ${file ?? ''}: ${text}`
}

/** Why a file can no longer be taken, for a member who has not answered. */
const closedSentences: Readonly<Record<ClosedOffer['why'], (name: string, from: string) => string>> = {
  begun: (name, from) => `It is too late to take ${name} from ${from}: the transfer to others has started.`,
  done: (name) => `The offer of ${name} is over.`,
  cancelled: (name, from) => `${from} has taken ${name} back.`,
  lost: (name, from) => `${from} has left, so the offer of ${name} is over.`,
  left: (name, from) => `${from} has left, so the offer of ${name} is over.`,
  expired: (name, from) => `Nobody took ${name} from ${from}: the offer is over.`,
  abandoned: (name) => `The offer of ${name} is over.`,
  stalled: (name) => `The offer of ${name} is over.`,
  broken: (name) => `The offer of ${name} is over.`,
  closing: (name) => `The server is closing, so the offer of ${name} is over.`,
}

/** A page of memory: it is what a session takes that keeps one short envelope, and 40 short ones fit in it. */
export const blockBytes = 4 * 1024

/** As much as one session keeps by default: one that sends as fast as it can takes no new memory, and more would stay for nothing. */
const spareBlocksMax = 256

/** Memory for kept envelopes, one after the other. An envelope that does not fit continues in the next block. */
export class KeptBlock {
  readonly bytes: Uint8Array = new Uint8Array(blockBytes)
  readonly view: DataView = new DataView(this.bytes.buffer)
  /** Where the oldest envelope stands of those that begin here. */
  begin = 0
  end = 0
  /** How many begin here, what they have in all, and how many of them are kept by reference. */
  envelopes = 0
  payloadBytes = 0
  references = 0
}

/** Those that were given back last: the newest is the most likely to be in the caches of the processor. */
const spare: KeptBlock[] = []

/** @returns an empty one, which belongs to the caller until {@link giveBlock} */
export function takeBlock(): KeptBlock {
  return spare.pop() ?? new KeptBlock()
}

/** From here on any session of the process may write to it. */
export function giveBlock(block: KeptBlock): void {
  if (spare.length >= spareBlocksMax) return
  block.begin = 0
  block.end = 0
  block.envelopes = 0
  block.payloadBytes = 0
  block.references = 0
  spare.push(block)
}

/** What stays for sessions to come, in bytes. */
export function spareBytes(): number {
  return spare.length * blockBytes
}

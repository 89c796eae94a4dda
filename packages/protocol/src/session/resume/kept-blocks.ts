/** A page of memory: a session that keeps one short envelope uses one block, in which 40 short ones fit. */
export const blockBytes = 4 * 1024

/**
 * As much as one session keeps by default: a session that sends at full speed allocates no new memory, and more would
 * be unused.
 */
const spareBlocksMax = 256

/** Memory for kept envelopes, one after the other. An envelope that does not fit continues in the next block. */
export class KeptBlock {
  readonly bytes: Uint8Array = new Uint8Array(blockBytes)
  readonly view: DataView = new DataView(this.bytes.buffer)
  /** The offset of the oldest envelope that begins here. */
  begin = 0
  end = 0
  /** The number of envelopes that begin here, their total bytes, and the number of those kept by reference. */
  envelopes = 0
  payloadBytes = 0
  references = 0
}

/** The blocks given back last: the newest is the most likely to be in the processor caches. */
const spare: KeptBlock[] = []

/** @returns an empty one, which belongs to the caller until {@link giveBlock} */
export function takeBlock(): KeptBlock {
  return spare.pop() ?? new KeptBlock()
}

/** Any session of the process may write to the block from now on. */
export function giveBlock(block: KeptBlock): void {
  if (spare.length >= spareBlocksMax) return
  block.begin = 0
  block.end = 0
  block.envelopes = 0
  block.payloadBytes = 0
  block.references = 0
  spare.push(block)
}

/** The bytes kept for later sessions. */
export function spareBytes(): number {
  return spare.length * blockBytes
}

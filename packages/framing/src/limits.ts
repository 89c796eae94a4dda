/** Every limit of this package, with its reason. */
export const framingLimits = {
  /**
   * Payload bytes of one frame, 1 MiB: room for any ordinary call, and 500 hostile peers that each fill one
   * frame cost half a gigabyte, not more. Configurable per codec, up to the largest length of the format.
   */
  frameBytesMax: 1024 * 1024,
  /**
   * The first piece of memory taken for a frame that spans chunks, 1 KiB, however few of its bytes have come:
   * most frames fit, so that they are not moved. From there memory doubles with the bytes that arrived.
   */
  pendingBytesMin: 1024,
  /**
   * What a pull reader ({@link openFrames}, `readFrames` over a byte stream) holds for a consumer that is busy,
   * 256 KiB: a few kernel buffers, so that a quick consumer never waits, and a slow one is felt by the peer.
   */
  readAheadBytes: 256 * 1024,
  /**
   * What a held frame counts besides its payload, 512 bytes: 528 measured with Node 20 for an array and its memory,
   * so that a flood of small or empty frames is bounded, too.
   */
  heldFrameOverheadBytes: 512,
} as const

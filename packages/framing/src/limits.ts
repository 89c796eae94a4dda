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
  /** Up to here a copy has memory of its own in any case, 64 bytes: V8 keeps so few inside the view, and allocates nothing. */
  ownPayloadBytesMax: 64,
  /**
   * Up to here a held frame may come as a view on a buffer that it shares with its neighbours, 4 KiB: allocating costs
   * three to five times what copying costs there, and about as much above.
   */
  sharedPayloadBytesMax: 4 * 1024,
  /** That buffer, 16 KiB: who keeps one small frame for long keeps no more than this with it. */
  sharedBufferBytesMax: 16 * 1024,
  /**
   * The queue of a WebSocket from which on a send is `full`, 256 KiB: a second of 2 Mbit/s, as in the completion port.
   */
  webSocketHighBytes: 256 * 1024,
  /** Where it goes on, 64 KiB: 10 ms pass until that is seen, in which 50 Mbit/s take it. */
  webSocketLowBytes: 64 * 1024,
  /** The first block of memory that frames are held in, 16 KiB: what one chunk brings at once mostly fits. */
  heldBlockBytes: 16 * 1024,
  /** Blocks that are kept for all readers together, 64: 1 MiB, so that a burst of many connections allocates little. */
  freeHeldBlocksMax: 64,
} as const

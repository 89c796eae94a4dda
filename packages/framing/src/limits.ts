/** Every limit of this package, with its reason. Byte counts are payload bytes unless stated otherwise. */
export const framingLimits = {
  /**
   * The longest payload of one frame by default, 1 MiB: room for any ordinary call, while 500 hostile peers that each fill one
   * frame cost at most half a gigabyte. Configurable for each codec, up to the largest length of the format.
   */
  frameBytesMax: 1024 * 1024,
  /**
   * The first allocation for a frame that spans chunks, 1 KiB, however few of its bytes have arrived: most frames fit, so
   * they are not moved. After that, memory doubles with the bytes that arrive.
   */
  pendingBytesMin: 1024,
  /**
   * The number of bytes that a pull reader ({@link openFrames}, `readFrames` over a byte stream) holds for a busy consumer,
   * 256 KiB: a few kernel buffers, so that a fast consumer never waits and a slow one slows the peer down.
   */
  readAheadBytes: 256 * 1024,
  /**
   * The number of bytes that a held frame counts besides its payload, 512, so that a flood of small or empty frames is bounded too.
   * Node.js 20 uses 528 bytes for an array and its memory.
   */
  heldFrameOverheadBytes: 512,
  /** The longest payload whose copy always has its own memory, 64 bytes: V8 stores so few bytes inside the view. */
  ownPayloadBytesMax: 64,
  /**
   * The longest held frame that may be a view on a buffer shared with its neighbours, 4 KiB. Below it, an allocation costs three to five
   * times as much as the copy; above it, about as much.
   */
  sharedPayloadBytesMax: 4 * 1024,
  /** The size of that shared buffer, 16 KiB: code that keeps one small frame keeps at most this much memory with it. */
  sharedBufferBytesMax: 16 * 1024,
  /**
   * The queue of a WebSocket above which a send returns `full`, 256 KiB: one second at 2 Mbit/s, as in the completion port.
   */
  webSocketHighBytes: 256 * 1024,
  /** The queue of a WebSocket at which sending continues, 64 KiB. The queue is checked every 10 ms, in which a link of 50 Mbit/s sends that much. */
  webSocketLowBytes: 64 * 1024,
  /** The first block of memory for held frames, 16 KiB: the frames of one chunk usually fit. */
  heldBlockBytes: 16 * 1024,
  /** The number of free blocks kept for all readers together, 64 (1 MiB), so that a burst of connections allocates little. */
  freeHeldBlocksMax: 64,
} as const

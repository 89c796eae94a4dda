// What the queue of a connection does when the kernel takes less than it was offered: small frames are appended, offered
// as parts, and forgotten as their sends complete.
#include "engine/send_queue.h"

#include "measured.h"

namespace {

constexpr uint32_t kFrameBytes = 96;
constexpr uint32_t kFramesOfRound = 16;
uint8_t frame[kFrameBytes];

}  // namespace

void measured(uint32_t rounds) {
  frameport::SendQueue queue;
  frameport::SendPart parts[frameport::kSendPartsMax];
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t at = 0; at < kFramesOfRound; at++)
      if (!queue.append(frame, kFrameBytes)) fail("the queue has no memory");
    // The kernel takes a half and then the rest, and a cut lies inside a frame.
    const size_t first = queue.length() / 2 + 1;
    if (queue.front(parts) == 0) fail("the queue offers nothing");
    queue.consume(first);
    if (queue.front(parts) == 0) fail("the queue offers nothing");
    queue.consume(queue.length());
  }
  if (queue.length() != 0) fail("the queue is not empty");
}

#include "buffer_ring.h"

#include <errno.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "../../base/check.h"
#include "../../seams/receive_pages.h"

namespace frameport::io_uring {

namespace {

// The room that is estimated for a receive while many wait for a buffer. With a smaller value, one wait serves more of
// them, whose bytes then do not fit the cache: see docs/adr/0056.
constexpr uint32_t kReceiveBytes = 32 * 1024;

uint32_t power_of_two_from(uint32_t count) {
  uint32_t power = 1;
  while (power < count) power *= 2;
  return power;
}

}  // namespace

BufferRing::~BufferRing() {
  check(!registered_, "the kernel unlearns the buffers before their ring is freed");
  if (entries_ != nullptr) munmap(entries_, entry_count_ * sizeof(BufferEntry));
  delete[] buffers_;
  delete[] free_;
}

PortFault BufferRing::open(const Ring& ring, const ReceiveMemory& memory, const RingShape& shape) {
  memory_ = memory.bytes;
  in_use_ = memory.in_use;
  const uint64_t bytes = static_cast<uint64_t>(memory.buffers) * memory.buffer_bytes;
  const uint32_t whole_bytes = std::min(shape.whole_buffer_bytes, memory.buffer_bytes);
  const auto whole_count = static_cast<uint32_t>(std::min<uint64_t>(kBuffersMax, bytes / whole_bytes));
  // Room for the larger of both kinds, because only the registration shows which one the kernel has.
  entry_count_ = power_of_two_from(std::max(1u, shape.lent_bytes / whole_bytes));
  void* entries = mmap(nullptr, entry_count_ * sizeof(BufferEntry), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (entries == MAP_FAILED) return {"memory for the ring of buffers", errno};
  entries_ = static_cast<BufferEntry*>(entries);
  int32_t status = EINVAL;
  incremental_ = shape.incremental && register_with(ring, kBuffersIncremental, status);
  if (!incremental_ && !register_with(ring, 0, status)) return {"IORING_REGISTER_PBUF_RING", status};
  count_ = incremental_ ? memory.buffers : whole_count;
  buffer_bytes_ = incremental_ ? memory.buffer_bytes : whole_bytes;
  buffers_ = new (std::nothrow) Buffer[count_]();
  free_ = new (std::nothrow) uint32_t[count_];
  if (buffers_ == nullptr || free_ == nullptr) {
    close(ring);
    return {"memory for the counts of the buffers", ENOMEM};
  }
  close_pages(memory_, size_t{count_} * buffer_bytes_);
  if (incremental_) receives_of_each_ = std::max(1u, buffer_bytes_ / kReceiveBytes);
  lent_max_ = std::min(entry_count_, std::max(1u, shape.lent_bytes / buffer_bytes_));
  for (uint32_t index = count_; index-- > 0;) free_[free_count_++] = index;
  lend_more();
  return {};
}

bool BufferRing::register_with(const Ring& ring, uint16_t flags, int32_t& status) {
  BufferRegistration registration{};
  registration.ring_address = reinterpret_cast<uint64_t>(entries_);
  registration.entries = entry_count_;
  registration.group = kGroup;
  registration.flags = flags;
  status = ring.register_with(kRegisterBuffers, &registration, 1);
  registered_ = status == 0;
  return registered_;
}

void BufferRing::close(const Ring& ring) {
  if (!registered_) return;
  BufferRegistration registration{};
  registration.group = kGroup;
  check(ring.register_with(kUnregisterBuffers, &registration, 1) == 0, "a registered ring of buffers is unregistered");
  registered_ = false;
}

void BufferRing::lend_more() {
  while (available_ < lent_max_ && free_count_ > 0) lend(free_[--free_count_]);
}

uint8_t* BufferRing::bytes_of(uint32_t index) const { return memory_ + static_cast<size_t>(index) * buffer_bytes_; }

void BufferRing::lend(uint32_t index) {
  open_pages(bytes_of(index), buffer_bytes_);
  BufferEntry& entry = entries_[tail_ & (entry_count_ - 1)];
  entry.address = reinterpret_cast<uint64_t>(bytes_of(index));
  entry.length = buffer_bytes_;
  entry.id = static_cast<uint16_t>(index);
  tail_++;
  // From here on the kernel may use the entry. The tail is in the first entry, whichever entry was written.
  __atomic_store_n(&entries_[0].tail, tail_, __ATOMIC_RELEASE);
  buffers_[index].filled = 0;
  buffers_[index].lent = true;
  available_++;
}

Received BufferRing::take(uint32_t flags, uint32_t length) {
  check((flags & kCompletionBuffer) != 0, "received bytes are in a buffer");
  const uint32_t index = flags >> kCompletionBufferShift;
  check(index < count_ && buffers_[index].lent, "the kernel fills buffers that were lent to it");
  Buffer& buffer = buffers_[index];
  check(length > 0 && length <= buffer_bytes_ - buffer.filled, "received bytes are inside their buffer");
  const Received received{bytes_of(index) + buffer.filled, index};
  buffer.filled += length;
  if (buffer.readers++ == 0) (*in_use_)++;
  if (!incremental_ || (flags & kCompletionBufferMore) == 0) retire(index);
  return received;
}

void BufferRing::take_unused(uint32_t flags) {
  // An incremental buffer stays with the kernel until bytes have filled it, although some kernels omit the mark
  // for that on a completion without bytes. A whole one that is named has been used up.
  if (incremental_ || (flags & kCompletionBuffer) == 0) return;
  const uint32_t index = flags >> kCompletionBufferShift;
  check(index < count_ && buffers_[index].lent, "the kernel names buffers that were lent to it");
  retire(index);
  set_free(index);
}

void BufferRing::set_free(uint32_t index) {
  close_pages(bytes_of(index), buffer_bytes_);
  free_[free_count_++] = index;
  lend_more();
}

void BufferRing::retire(uint32_t index) {
  buffers_[index].lent = false;
  available_--;
  lend_more();
}

void BufferRing::release(uint32_t index) {
  check(index < count_ && buffers_[index].readers > 0, "a buffer is released once per reader");
  Buffer& buffer = buffers_[index];
  if (--buffer.readers > 0) return;
  (*in_use_)--;
  if (!buffer.lent) set_free(index);
}

}  // namespace frameport::io_uring

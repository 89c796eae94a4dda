// The shared queues of the fake io_uring: setup, submission, completion, notification.
#include "ring.h"

#include <errno.h>
#include <string.h>

#include <algorithm>

#include "failure.h"
#include "kernel.h"
#include "thrift.h"

namespace frameport::fuzz {

namespace {

constexpr size_t kSubmissionHead = 0, kSubmissionTail = 4, kSubmissionMask = 8, kSubmissionCount = 12,
                 kSubmissionFlags = 16, kSubmissionDropped = 20;
constexpr size_t kCompletionHead = 32, kCompletionTail = 36, kCompletionMask = 40, kCompletionCount = 44,
                 kCompletionOverflow = 48, kCompletionFlags = 52, kCompletionEntries = 64;
constexpr uint32_t kSetupExpected = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_TASKRUN_FLAG |
                                    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
// How often a blocking call looks for requests that can complete. A kind kernel needs few looks.
constexpr int kPatience = 10'000;

}  // namespace

RingKernel::RingKernel(Kernel& kernel, uint32_t submissions, io_uring_params& parameters)
    : kernel_(kernel), submissions_(submissions), completions_(parameters.cq_entries), resubmissions_(kernel) {
  if (parameters.flags != kSetupExpected) fail("io_uring_setup has the flags %x", parameters.flags);
  const size_t array = kCompletionEntries + completions_ * sizeof(io_uring_cqe);
  rings_bytes_ = array + submissions_ * sizeof(uint32_t);
  rings_ = std::make_unique<uint8_t[]>(rings_bytes_);
  entries_ = std::make_unique<io_uring_sqe[]>(submissions_);
  completed_streams_.resize(completions_);
  word(kSubmissionMask) = submissions_ - 1;
  word(kSubmissionCount) = submissions_;
  word(kCompletionMask) = completions_ - 1;
  word(kCompletionCount) = completions_;
  parameters.sq_entries = submissions_;
  parameters.features =
      IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_FAST_POLL;
  parameters.sq_off = {kSubmissionHead, kSubmissionTail, kSubmissionMask, kSubmissionCount, kSubmissionFlags,
                       kSubmissionDropped, static_cast<uint32_t>(array), 0, 0};
  parameters.cq_off = {kCompletionHead, kCompletionTail, kCompletionMask, kCompletionCount, kCompletionOverflow,
                       kCompletionEntries, kCompletionFlags, 0, 0};
}

RingKernel::~RingKernel() = default;

void* RingKernel::map(uint64_t offset, size_t length) {
  if (offset == IORING_OFF_SQ_RING && length == rings_bytes_) return rings_.get();
  if (offset == IORING_OFF_SQES && length == submissions_ * sizeof(io_uring_sqe)) return entries_.get();
  return nullptr;
}

long RingKernel::register_with(unsigned operation, void* argument, unsigned arguments) {
  if (arguments != 1) fail("io_uring_register has the count %u", arguments);
  if (operation == IORING_REGISTER_EVENTFD) {
    eventfd_ = *static_cast<int*>(argument);
    if (kernel_.eventfd(eventfd_) == nullptr) fail("IORING_REGISTER_EVENTFD names no eventfd");
    return 0;
  }
  auto& registration = *static_cast<io_uring_buf_reg*>(argument);
  if (operation == IORING_UNREGISTER_PBUF_RING) {
    buffers_ = nullptr;
    return 0;
  }
  if (operation == IORING_REGISTER_SYNC_CANCEL) return cancel_all(argument);
  if (operation != IORING_REGISTER_PBUF_RING) fail("io_uring_register has the operation %u", operation);
  // Older headers declare this field as padding.
  uint16_t flags;
  memcpy(&flags, reinterpret_cast<uint8_t*>(argument) + 14, sizeof flags);
  if (flags == kBufferRingIncremental && !kernel_.mood().incremental) return -EINVAL;
  const uint32_t count = registration.ring_entries;
  const bool is_power = count > 0 && (count & (count - 1)) == 0;
  if (!is_power || registration.bgid != 0) fail("IORING_REGISTER_PBUF_RING is not well formed");
  buffers_ = reinterpret_cast<io_uring_buf*>(registration.ring_addr);
  buffer_count_ = count;
  incremental_ = flags == kBufferRingIncremental;
  return 0;
}

uint32_t RingKernel::completions_ready() const {
  return __atomic_load_n(&word(kCompletionTail), __ATOMIC_ACQUIRE) -
         __atomic_load_n(&word(kCompletionHead), __ATOMIC_ACQUIRE);
}

uint32_t RingKernel::next_completion() const {
  return word(kCompletionTail) + static_cast<uint32_t>(overflow_.size());
}

void RingKernel::begin_gather() {
  if (buffers_ == nullptr) return;
  lent_most_ = std::max(lent_most_, uint32_t{static_cast<uint16_t>(lent() - buffers_head_)});
  for (uint32_t index = 0; index < buffer_count_; index++) longest_ = std::max(longest_, buffers_[index].len);
  // The port assumes that several receives share one large incremental buffer, each with kReceiveBytes.
  constexpr uint32_t kReceiveBytes = 32 * 1024;
  resubmissions_.begin_gather(lent_most_ * (incremental_ ? std::max(1u, longest_ / kReceiveBytes) : 1));
}

bool RingKernel::has_something() const { return completions_ready() > 0 || !overflow_.empty() || !work_.empty(); }

bool RingKernel::holds_completion_of(const Stream& stream) const {
  const uint32_t head = word(kCompletionHead);
  for (uint32_t index = 0; index < completions_ready(); index++) {
    if (completed_streams_[(head + index) & (completions_ - 1)] == &stream) return true;
  }
  return std::any_of(overflow_.begin(), overflow_.end(),
                     [&](const Completed& completed) { return completed.stream == &stream; });
}

void RingKernel::check_idle() const {
  if (!requests_.empty()) fail("the ring is closed with %zu requests in the kernel (rule 1)", requests_.size());
  if (buffers_ != nullptr) fail("the ring is closed before its buffers are unregistered");
}

long RingKernel::enter(uint32_t submit, uint32_t wait_for, uint32_t flags) {
  if ((flags & ~uint32_t{IORING_ENTER_GETEVENTS}) != 0) fail("io_uring_enter has the flags %x", flags);
  const bool gets_events = (flags & IORING_ENTER_GETEVENTS) != 0;
  check_enter(kernel_, submit, wait_for, gets_events, !overflow_.empty() || !work_.empty());
  if (kernel_.ill(kernel_.mood().refused_enter)) {
    constexpr int kRefusals[] = {EINTR, EAGAIN, EBUSY, ENOMEM};
    return -kernel_.random().any(kRefusals);
  }
  const uint32_t offered = word(kSubmissionTail) - word(kSubmissionHead);
  if (submit > offered || offered > submissions_) fail("io_uring_enter submits %u of %u entries", submit, offered);
  uint32_t taken = submit;
  if (submit > 0 && kernel_.ill(kernel_.mood().partial_enter)) taken = kernel_.random().below(submit);
  if (submit > 0 && taken == 0) return -EAGAIN;
  for (uint32_t index = 0; index < taken; index++) {
    const uint32_t head = word(kSubmissionHead);
    const uint32_t array = kCompletionEntries + completions_ * sizeof(io_uring_cqe);
    const uint32_t place = word(array + (head & (submissions_ - 1)) * sizeof(uint32_t));
    if (place >= submissions_) fail("the array of submissions names entry %u", place);
    const io_uring_sqe entry = entries_[place];
    __atomic_store_n(&word(kSubmissionHead), head + 1, __ATOMIC_RELEASE);
    issue(entry);
  }
  // If the queue has room left, it holds everything that the port had to submit.
  const bool is_whole = taken == offered && offered < submissions_ && gets_events && wait_for == 0;
  if (is_whole) resubmissions_.check_handed_over(word(kCompletionHead));
  if (!gets_events) return taken;
  flush_overflow();
  // The kernel runs about 20 pieces of deferred work in one call.
  run_work(kernel_.is_kind() ? 20 : kernel_.random().between(1, 24));
  const uint32_t expected = std::min(wait_for, completions_);
  if (!lost_is_told_ && taken == 0) {
    lost_is_told_ = true;
    return -EBADR;
  }
  for (int looks = 0; completions_ready() < expected; looks++) {
    if (looks == kPatience) fail("io_uring_enter blocks for ever: %zu requests wait for nothing", requests_.size());
    look();
    run_work(20);
  }
  return taken;
}

void RingKernel::post(uint64_t name, int32_t result, uint32_t flags, const Stream* stream) {
  const Completed completed{name, result, flags, stream};
  if (is_full()) {
    overflow_.push_back(completed);
  } else {
    write_completion(completed);
  }
  signal();
}

bool RingKernel::post_more(Request& request, int32_t result, uint32_t flags) {
  if (is_full()) return false;
  if (kernel_.ill(kernel_.mood().ends_early)) return false;
  post(request.name, result, flags | IORING_CQE_F_MORE, request.stream);
  return true;
}

void RingKernel::write_completion(const Completed& completed) {
  const uint32_t tail = word(kCompletionTail);
  const uint32_t place = tail & (completions_ - 1);
  // Like the real kernel, overwrites the whole entry.
  auto& entry = *reinterpret_cast<io_uring_cqe*>(rings_.get() + kCompletionEntries + place * sizeof(io_uring_cqe));
  entry.user_data = completed.name;
  entry.res = completed.result;
  entry.flags = completed.flags;
  completed_streams_[place] = completed.stream;
  __atomic_store_n(&word(kCompletionTail), tail + 1, __ATOMIC_RELEASE);
}

void RingKernel::flush_overflow() {
  while (!overflow_.empty() && completions_ready() < completions_) {
    write_completion(overflow_.front());
    overflow_.pop_front();
  }
  set_flags();
}

void RingKernel::lose() {
  ++word(kCompletionOverflow);
  lost_is_told_ = false;
  kernel_.lose_completion();
  signal();
}

void RingKernel::signal() {
  set_flags();
  const bool audible = (__atomic_load_n(&word(kCompletionFlags), __ATOMIC_ACQUIRE) & IORING_CQ_EVENTFD_DISABLED) == 0;
  if (eventfd_ < 0 || !audible) return;
  check_audible(kernel_);
  ++*kernel_.eventfd(eventfd_);
}

void RingKernel::set_flags() {
  const uint32_t flags = (overflow_.empty() ? 0u : IORING_SQ_CQ_OVERFLOW) | (work_.empty() ? 0u : IORING_SQ_TASKRUN);
  __atomic_store_n(&word(kSubmissionFlags), flags, __ATOMIC_RELEASE);
}

}  // namespace frameport::fuzz

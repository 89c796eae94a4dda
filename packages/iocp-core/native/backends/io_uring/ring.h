#ifndef FRAMEPORT_IO_URING_RING_H_
#define FRAMEPORT_IO_URING_RING_H_

#include <cstddef>
#include <cstdint>

#include "../../base/check.h"
#include "../../port.h"
#include "kernel_abi.h"

namespace frameport::io_uring {

// One io_uring: two queues in memory shared with the kernel. Used only by the thread that opened it, which
// lets the kernel leave its work to us (IORING_SETUP_DEFER_TASKRUN): nothing interrupts JavaScript, and completions
// appear when `enter` requests them.
class Ring {
 public:
  Ring() = default;
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // The status is 0 if it is open. If it failed, everything it took was released.
  PortFault open(uint32_t submissions, uint32_t completions);
  int descriptor() const { return descriptor_; }
  uint32_t features() const { return features_; }

  // io_uring_register(2). 0 or the error number.
  int32_t register_with(unsigned operation, const void* argument, unsigned count) const;
  // The kernel counts completions and deferred work in `eventfd`, but only while it is audible. 0 or the error number.
  int32_t register_eventfd(int eventfd);
  void set_audible(bool audible);

  // A ring does not survive a fork: the child has a copy of the mapping, which refers to the parent's queues.
  void check_owner() const {
    check(*owner_mark_ != 0, "a port is not used in a child made by fork(); the child opens ports of its own");
  }

  // A cleared entry at the end of the queue, or null if the queue is full.
  SubmissionEntry* next();
  uint32_t index_of(const SubmissionEntry& entry) const { return static_cast<uint32_t>(&entry - entries_); }
  // Entries that the kernel has not taken yet.
  uint32_t queued() const { return tail_ - __atomic_load_n(submission_head_, __ATOMIC_ACQUIRE); }
  uint32_t room() const { return submissions_ - queued(); }
  // Takes back the last entries that the kernel has not taken.
  void withdraw(uint32_t count) { tail_ -= count; }

  // Hands the queue over and returns how many entries were taken: fewer than queued if the kernel lacks memory.
  // With `run_deferred`, due completions appear; with `wait_for`, blocks until there are that many.
  uint32_t enter(bool run_deferred, uint32_t wait_for = 0);

  // Completions that can be read, oldest first.
  uint32_t ready() const { return __atomic_load_n(completion_tail_, __ATOMIC_ACQUIRE) - *completion_head_; }
  // Shared with the kernel, which writes an entry once and does not read it again.
  CompletionEntry& completion(uint32_t index) const { return completions_[(*completion_head_ + index) & mask_]; }
  void advance(uint32_t count) {
    __atomic_store_n(completion_head_, *completion_head_ + count, __ATOMIC_RELEASE);
  }
  uint32_t completion_room() const { return mask_ + 1 - ready(); }
  // Whether the kernel has dropped a completion, because it had no memory for one that did not fit the queue. It
  // never reports which.
  bool has_lost_completions() const { return __atomic_load_n(completion_overflow_, __ATOMIC_ACQUIRE) != 0; }
  // Cancels everything in the kernel, and removes entries that are not taken. The completions must still be gathered.
  void cancel_all();
  bool overflowed() const { return (submission_flags() & kSubmissionOverflow) != 0; }
  // Whether the kernel has completions that only `enter` returns: deferred work, or those that did not fit the queue.
  bool is_due() const { return (submission_flags() & (kSubmissionOverflow | kSubmissionTaskrun)) != 0; }
  // From any thread: whether there is anything to gather.
  bool has_something() const;

 private:
  uint32_t submission_flags() const { return __atomic_load_n(submission_flags_, __ATOMIC_ACQUIRE); }
  PortFault map(const SetupParameters& parameters);
  PortFault mark_owner();

  int descriptor_ = -1;
  uint32_t features_ = 0;
  uint8_t* rings_ = nullptr;
  size_t rings_bytes_ = 0;
  SubmissionEntry* entries_ = nullptr;
  uint32_t submissions_ = 0;
  uint32_t tail_ = 0;  // ours; published by `enter`
  uint32_t* submission_head_ = nullptr;
  uint32_t* submission_tail_ = nullptr;
  uint32_t* submission_flags_ = nullptr;
  uint32_t* completion_head_ = nullptr;
  uint32_t* completion_tail_ = nullptr;
  uint32_t* completion_flags_ = nullptr;
  uint32_t* completion_overflow_ = nullptr;
  CompletionEntry* completions_ = nullptr;
  uint32_t mask_ = 0;
  // A page that the kernel clears in a child.
  volatile uint8_t* owner_mark_ = nullptr;
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_RING_H_

#include "ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace frameport::io_uring {

namespace {

// SINGLE_ISSUER and DEFER_TASKRUN need Linux 6.1, the minimum of this back end. SUBMIT_ALL: one bad entry
// does not stop those after it.
constexpr uint32_t kSetupFlags =
    kSetupCompletions | kSetupSubmitAll | kSetupTaskrunFlag | kSetupSingleIssuer | kSetupDeferTaskrun;
constexpr size_t kMarkBytes = 4096;

uint32_t* word(uint8_t* rings, uint32_t offset) { return reinterpret_cast<uint32_t*>(rings + offset); }

}  // namespace

Ring::~Ring() {
  if (entries_ != nullptr) munmap(entries_, submissions_ * sizeof(SubmissionEntry));
  if (rings_ != nullptr) munmap(rings_, rings_bytes_);
  if (owner_mark_ != nullptr) munmap(const_cast<uint8_t*>(owner_mark_), kMarkBytes);
  if (descriptor_ >= 0) ::close(descriptor_);
}

PortFault Ring::open(uint32_t submissions, uint32_t completions) {
  SetupParameters parameters{};
  parameters.flags = kSetupFlags;
  parameters.completions = completions;
  descriptor_ = static_cast<int>(syscall(kSysSetup, submissions, &parameters));
  if (descriptor_ < 0) return {"io_uring_setup", errno};
  features_ = parameters.features;
  const PortFault fault = map(parameters);
  return fault.status == 0 ? mark_owner() : fault;
}

PortFault Ring::map(const SetupParameters& parameters) {
  constexpr int kAccess = PROT_READ | PROT_WRITE;
  constexpr int kShared = MAP_SHARED | MAP_POPULATE;
  const SubmissionOffsets& submission = parameters.submission_offsets;
  const CompletionOffsets& completion = parameters.completion_offsets;
  const size_t submission_bytes = submission.array + parameters.submissions * sizeof(uint32_t);
  const size_t completion_bytes = completion.completions + parameters.completions * sizeof(CompletionEntry);
  rings_bytes_ = std::max(submission_bytes, completion_bytes);
  void* rings = mmap(nullptr, rings_bytes_, kAccess, kShared, descriptor_, static_cast<off_t>(kMapRings));
  if (rings == MAP_FAILED) return {"mmap of the queues", errno};
  rings_ = static_cast<uint8_t*>(rings);
  submissions_ = parameters.submissions;
  void* entries = mmap(nullptr, submissions_ * sizeof(SubmissionEntry), kAccess, kShared, descriptor_,
                       static_cast<off_t>(kMapEntries));
  if (entries == MAP_FAILED) return {"mmap of the submissions", errno};
  entries_ = static_cast<SubmissionEntry*>(entries);
  submission_head_ = word(rings_, submission.head);
  submission_tail_ = word(rings_, submission.tail);
  submission_flags_ = word(rings_, submission.flags);
  completion_head_ = word(rings_, completion.head);
  completion_tail_ = word(rings_, completion.tail);
  completion_flags_ = word(rings_, completion.flags);
  completion_overflow_ = word(rings_, completion.overflow);
  completions_ = reinterpret_cast<CompletionEntry*>(rings_ + completion.completions);
  mask_ = *word(rings_, completion.mask);
  tail_ = *submission_tail_;
  // The kernel finds an entry through an array of indices, which is always the identity here.
  uint32_t* array = word(rings_, submission.array);
  for (uint32_t index = 0; index < submissions_; index++) array[index] = index;
  return {};
}

PortFault Ring::mark_owner() {
  void* page = mmap(nullptr, kMarkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return {"mmap of a page", errno};
  owner_mark_ = static_cast<uint8_t*>(page);
  if (madvise(page, kMarkBytes, MADV_WIPEONFORK) != 0) return {"madvise(MADV_WIPEONFORK)", errno};
  *owner_mark_ = 1;
  return {};
}

int32_t Ring::register_with(unsigned operation, const void* argument, unsigned count) const {
  return syscall(kSysRegister, descriptor_, operation, argument, count) < 0 ? errno : 0;
}

int32_t Ring::register_eventfd(int eventfd) {
  set_audible(false);
  return register_with(kRegisterEventfd, &eventfd, 1);
}

void Ring::set_audible(bool audible) {
  __atomic_store_n(completion_flags_, audible ? 0u : kEventfdDisabled, __ATOMIC_SEQ_CST);
  // Code that looks at the queues next must see what the kernel did before it saw the flag.
  if (audible) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

SubmissionEntry* Ring::next() {
  if (room() == 0) return nullptr;
  SubmissionEntry* entry = &entries_[tail_++ & (submissions_ - 1)];
  memset(entry, 0, sizeof *entry);
  return entry;
}

uint32_t Ring::enter(bool run_deferred, uint32_t wait_for) {
  check_owner();
  __atomic_store_n(submission_tail_, tail_, __ATOMIC_RELEASE);
  const uint32_t flags = run_deferred || wait_for > 0 ? kEnterGetEvents : 0;
  const long taken = syscall(kSysEnter, descriptor_, queued(), wait_for, flags, nullptr, 0);
  if (taken >= 0) return static_cast<uint32_t>(taken);
  // Interrupted, or out of memory for the moment: the rest stays queued. EBADR reports once that a completion
  // was dropped, which `has_lost_completions` then keeps reporting. Rule 5: nothing can continue after any other error.
  check(errno == EINTR || errno == EAGAIN || errno == EBUSY || errno == ENOMEM || errno == EBADR,
        "io_uring_enter is asked about a valid ring, by the thread that made it");
  return 0;
}

void Ring::cancel_all() {
  withdraw(queued());
  SyncCancel request{};
  request.flags = kCancelAll | kCancelAny;
  // No time limit.
  request.timeout_seconds = request.timeout_nanoseconds = -1;
  int32_t status = EINTR;
  while (status == EINTR) status = register_with(kRegisterSyncCancel, &request, 1);
  check(status == 0 || status == ENOENT, "whatever a valid ring has can be cancelled");
}

bool Ring::has_something() const {
  const uint32_t head = __atomic_load_n(completion_head_, __ATOMIC_ACQUIRE);
  return is_due() || __atomic_load_n(completion_tail_, __ATOMIC_ACQUIRE) != head;
}

}  // namespace frameport::io_uring

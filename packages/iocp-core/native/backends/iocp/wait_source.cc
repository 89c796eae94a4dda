#include "wait_source.h"

#include <errno.h>

#include <new>

#include "../../base/check.h"

namespace frameport::iocp {

namespace {

constexpr ULONG kPacketsMax = 64;

// A packet without an OVERLAPPED belongs to no operation: `stop` posts it. Retried, because a lack of memory
// passes, and `stop` would wait forever for a worker that does not get one.
void post_leave(HANDLE queue) {
  while (!PostQueuedCompletionStatus(queue, 0, 0, nullptr)) Sleep(1);
}

}  // namespace

bool dequeue(HANDLE queue, DWORD timeout_ms, RecordList& list) {
  OVERLAPPED_ENTRY packets[kPacketsMax];
  ULONG count = 0;
  if (!GetQueuedCompletionStatusEx(queue, packets, kPacketsMax, &count, timeout_ms, FALSE)) {
    // Rule 5: a missing packet is not an error, and any other failure would repeat forever.
    check(GetLastError() == WAIT_TIMEOUT, "packets are dequeued from a valid completion port");
    return false;
  }
  bool leave = false;
  for (ULONG index = 0; index < count; index++) {
    if (packets[index].lpOverlapped == nullptr) {
      leave = true;
      continue;
    }
    auto* record = static_cast<OverlappedRecord*>(packets[index].lpOverlapped);
    record->length = packets[index].dwNumberOfBytesTransferred;
    list.push(*record);
  }
  return leave;
}

IocpWaitSource::~IocpWaitSource() { delete[] workers_; }

int32_t IocpWaitSource::start(uint32_t workers) {
  workers_ = new (std::nothrow) OsThread[workers];
  if (workers_ == nullptr) return ENOMEM;
  while (worker_count_ < workers) {
    const int32_t status = workers_[worker_count_].start(&run, this);
    if (status != 0) {
      stop();
      return status;
    }
    worker_count_++;
  }
  return 0;
}

void IocpWaitSource::stop() {
  if (worker_count_ == 0) return;
  post_leave(queue_);
  while (worker_count_ > 0) workers_[--worker_count_].join();
}

void IocpWaitSource::run(void* wait_source) { static_cast<IocpWaitSource*>(wait_source)->work(); }

void IocpWaitSource::work() {
  for (bool leave = false; !leave;) {
    RecordList list;
    leave = dequeue(queue_, INFINITE, list);
    give(list);
  }
  // One such packet exists at any time, and each worker passes it on.
  post_leave(queue_);
}

void IocpWaitSource::give(RecordList& list) {
  if (list.is_empty()) return;
  AcquireSRWLockExclusive(&lock_);
  move_all(list, taken_);
  WakeAllConditionVariable(&filled_);
  ReleaseSRWLockExclusive(&lock_);
}

DWORD IocpWaitSource::sleep_ms() const {
  if (pause_ends_at_ == 0) return INFINITE;
  const ULONGLONG now = GetTickCount64();
  return now >= pause_ends_at_ ? 0 : static_cast<DWORD>(pause_ends_at_ - now);
}

bool IocpWaitSource::wait() {
  AcquireSRWLockExclusive(&lock_);
  while (taken_.is_empty() && !interrupted_) {
    const DWORD milliseconds = sleep_ms();
    if (milliseconds == 0) break;
    SleepConditionVariableSRW(&filled_, &lock_, milliseconds, 0);
  }
  const bool interrupted = interrupted_;
  ReleaseSRWLockExclusive(&lock_);
  return !interrupted;
}

void IocpWaitSource::interrupt() {
  AcquireSRWLockExclusive(&lock_);
  interrupted_ = true;
  WakeAllConditionVariable(&filled_);
  ReleaseSRWLockExclusive(&lock_);
}

void IocpWaitSource::await() {
  AcquireSRWLockExclusive(&lock_);
  while (taken_.is_empty()) {
    const DWORD milliseconds = sleep_ms();
    if (milliseconds == 0) break;
    SleepConditionVariableSRW(&filled_, &lock_, milliseconds, 0);
  }
  ReleaseSRWLockExclusive(&lock_);
}

void IocpWaitSource::pause(uint32_t milliseconds) {
  AcquireSRWLockExclusive(&lock_);
  pause_ends_at_ = GetTickCount64() + milliseconds;
  // A thread that sleeps already does not take it into account.
  WakeAllConditionVariable(&filled_);
  ReleaseSRWLockExclusive(&lock_);
}

bool IocpWaitSource::pause_is_over() {
  AcquireSRWLockExclusive(&lock_);
  const bool is_over = sleep_ms() == 0;
  if (is_over) pause_ends_at_ = 0;
  ReleaseSRWLockExclusive(&lock_);
  return is_over;
}

void IocpWaitSource::take(RecordList& list) {
  AcquireSRWLockExclusive(&lock_);
  move_all(taken_, list);
  ReleaseSRWLockExclusive(&lock_);
}

}  // namespace frameport::iocp

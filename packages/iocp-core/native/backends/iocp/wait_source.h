#ifndef FRAMEPORT_IOCP_WAIT_SOURCE_H_
#define FRAMEPORT_IOCP_WAIT_SOURCE_H_

#include "../../os/os_thread.h"
#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"

namespace frameport::iocp {

// Dequeues packets of the completion port into `list`, waiting for at most `timeout_ms`. Returns whether the packet
// that makes the workers leave was among them.
bool dequeue(HANDLE queue, DWORD timeout_ms, RecordList& list);

// The worker threads. Dequeuing consumes a packet, so a worker keeps its packets in a list, which the port's thread
// takes over; the waiting thread is woken when the list is not empty. Workers write only `link` and `length` of a
// record: states and statuses belong to the port's thread.
class IocpWaitSource final : public WaitSource {
 public:
  // `queue` is the completion port; it belongs to the port and outlives `stop`.
  explicit IocpWaitSource(HANDLE queue) : queue_(queue) {}
  ~IocpWaitSource() override;

  // 0, or the error number with no thread left.
  int32_t start(uint32_t workers);
  // Makes the workers leave and joins them. Their packets are kept.
  void stop();

  bool wait() override;
  void interrupt() override;
  // Like `wait`, but no interrupt ends it.
  void await();
  void take(RecordList& list);
  // The port has work after this many milliseconds: the waiting thread is woken then. There is one pause at a time.
  void pause(uint32_t milliseconds);
  // Ends the pause when it is over.
  bool pause_is_over();
  // Operations that were complete as soon as they were submitted: no packet comes, and a thread may already be waiting.
  void give(RecordList& list);

 private:
  static void run(void* wait_source);
  void work();
  // Under the lock: how long a thread may sleep. 0 when the pause is over, INFINITE without one.
  DWORD sleep_ms() const;

  const HANDLE queue_;
  SRWLOCK lock_ = SRWLOCK_INIT;
  CONDITION_VARIABLE filled_ = CONDITION_VARIABLE_INIT;
  RecordList taken_;
  bool interrupted_ = false;
  ULONGLONG pause_ends_at_ = 0;  // by GetTickCount64; 0: no pause
  OsThread* workers_ = nullptr;
  uint32_t worker_count_ = 0;
};

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_WAIT_SOURCE_H_

#ifndef FRAMEPORT_IOCP_WAIT_SOURCE_H_
#define FRAMEPORT_IOCP_WAIT_SOURCE_H_

#include "../../os/os_thread.h"
#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"

namespace frameport::iocp {

// Dequeues packets of the completion port into `list`, waiting for at most `timeout_ms`. Returns whether the packet
// that asks the workers to leave was among them.
bool dequeue(HANDLE queue, DWORD timeout_ms, RecordList& list);

// The worker threads. Dequeuing consumes a packet, so a worker keeps what it took in a list, which the port's thread
// takes over; whoever waits is woken when the list is not empty. Nothing but `link` and `length` of a record is
// written here: states and statuses are the port's thread's.
class IocpWaitSource final : public WaitSource {
 public:
  // `queue` is the completion port; it belongs to the port and outlives `stop`.
  explicit IocpWaitSource(HANDLE queue) : queue_(queue) {}
  ~IocpWaitSource() override;

  // 0, or the error number with no thread left.
  int32_t start(uint32_t workers);
  // Asks the workers to leave and joins them. What they took is still there.
  void stop();

  bool wait() override;
  void interrupt() override;
  // As `wait`, and no interrupt ends it.
  void await();
  void take(RecordList& list);
  // The port has something to do after so many milliseconds: whoever waits is woken then. One pause at a time.
  void pause(uint32_t milliseconds);
  // And takes the pause back when it is.
  bool pause_is_over();
  // What was complete as soon as it was submitted: no packet comes for it, and somebody may be waiting already.
  void give(RecordList& list);

 private:
  static void run(void* wait_source);
  void work();
  // Under the lock. Until when somebody may sleep: 0 when the pause is over, INFINITE without one.
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

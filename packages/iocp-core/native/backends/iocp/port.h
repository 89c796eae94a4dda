#ifndef FRAMEPORT_IOCP_PORT_H_
#define FRAMEPORT_IOCP_PORT_H_

#include <errno.h>

#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"
#include "../common/receive_pool.h"
#include "accept.h"
#include "wait_source.h"

namespace frameport::iocp {

// The state of an operation. The kernel has a record of the socket; the operation only waits for it.
enum class OperationState : uint8_t {
  idle,
  waiting,    // for the record's packet
  cancelled,  // the same, and a lack of memory ends it
  ended,      // in `ended_`: the port ends it, and the next `wait` returns its completion
};

// As limits.acceptBackoffMs: short for a waiting client, long for a system that is out of memory.
constexpr uint32_t kPauseMs = 100;

inline constexpr char kName[] = "iocp";
// Null, with the fault, if the system refuses a part.
Port* make(const PortSetup& setup, PortFault& fault);

// AcceptEx and ConnectEx are called through pointers that are requested from a socket.
struct SocketExtensions {
  LPFN_ACCEPTEX accept = nullptr;
  LPFN_CONNECTEX connect = nullptr;
};
// Why they are missing.
PortFault load_extensions(SocketExtensions& extensions);

// The completion port of Windows. Only the port's thread touches records and states; its workers only pass
// packets on. There is one record for each direction of a socket, so the number of workers does not affect the order.
//
// A stopped receive stays posted: it has no buffer, so it does no harm, and cancelling it would cost a call
// and, on some versions of Windows, the receiving side of the connection. The next receive reuses it. The socket's
// close cancels it, and its record lives until it has come back.
//
// A receive or a send for which the system has no memory is posted again after a pause of kPauseMs, like accepts.
//
// `cancel` of a send, a connect or an accept closes the descriptor if the system refuses to cancel: closing fails
// everything pending. All three are cancelled only before a close.
class IocpPort final : public Port {
 public:
  IocpPort(const ReceiveMemory& memory, HANDLE queue, const SocketExtensions& extensions)
      : pool_(memory), queue_(queue), extensions_(extensions), wait_source_(queue) {}
  ~IocpPort() override;
  // 0 or the error number; after an error the port can only be deleted.
  int32_t start(uint32_t workers) { return pool_.is_made() ? wait_source_.start(workers) : ENOMEM; }

  const char* name() const override { return kName; }
  int32_t listen(Socket& socket, const Address& address, const ListenOptions& options) override;
  int32_t open(Socket& socket, const Address& address, const SocketOptions& options) override;
  int32_t associate(Socket& socket, Handle accepted) override;
  Submitted submit(Operation& operation) override;
  void try_send(SendAttempt* attempts, size_t count) override;
  void cancel(Operation& operation) override;
  size_t wait(Completion* completions, size_t capacity) override;
  bool has_ready() const override { return !ended_.is_empty() || !done_.is_empty(); }
  // An operation that is submitted later and complete at once goes to the wait source.
  bool try_sleep() override { return !has_ready(); }
  void await_ready() override;
  void release(uint32_t buffer) override { pool_.release(buffer); }
  void reset_on_close(Socket& socket) override;
  void close(Socket& socket) override;
  void discard(Handle accepted) override;
  int32_t local_address(const Socket& socket, Address& address) const override;
  int32_t remote_address(const Socket& socket, Address& address) const override;
  WaitSource& wait_source() override { return wait_source_; }

 private:
  int32_t adopt(Socket& socket, OverlappedSocket* record);
  Submitted start_accept(AcceptOperation& operation);
  Submitted start_receive(ReceiveOperation& operation);
  Submitted start_output(Operation& operation);
  Submitted in_flight(Operation*& direction, Operation& operation);
  // The last packet of an operation in flight has come.
  void end_now(Operation& operation);
  void cancel_output(Socket& socket);
  // Closes the descriptor before its owner does, so that pending operations come back.
  void cut_off(Socket& socket);
  // Without a record in the kernel: its completion is made in the next `wait`.
  void end_later(Operation& operation, int32_t status);
  size_t take_ended(Completion* completions, size_t capacity);
  void take_packets();
  // A record has come back. Returns false if it yields no completion.
  bool complete(OverlappedRecord& record, Completion& completion);
  bool complete_accept(AcceptRecord& record, Completion& completion);
  bool complete_receive(OverlappedRecord& record, Completion& completion);
  bool complete_output(OverlappedRecord& record, Completion& completion);
  // Whether the record now waits for memory instead of completing.
  bool pauses(OverlappedRecord& record);
  void post_paused();
  void post_again(OverlappedRecord& record);
  void free_if_back(OverlappedSocket& socket);

  ReceivePool pool_;
  const HANDLE queue_;
  const SocketExtensions extensions_;
  IocpWaitSource wait_source_;
  RecordList done_;
  RecordList paused_;
  bool is_pausing_ = false;
  OperationList ended_;
  uint32_t sockets_ = 0;  // sockets whose record is not freed
};

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_PORT_H_

#ifndef FRAMEPORT_IOCP_ACCEPT_H_
#define FRAMEPORT_IOCP_ACCEPT_H_

#include <winsock2.h>

#include <mswsock.h>
#include <ws2tcpip.h>

#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"

namespace frameport::iocp {

// One AcceptEx: it needs a new socket, and room for the two addresses that it always writes.
struct AcceptRecord final : OverlappedRecord {
  explicit AcceptRecord(OverlappedSocket& listener) : OverlappedRecord(RecordKind::accept, listener) {}

  static constexpr DWORD kAddressBytes = sizeof(sockaddr_in6) + 16;
  Handle accepted = kNoHandle;
  alignas(8) uint8_t addresses[2 * kAddressBytes] = {};
};

// The result of one accept: a connection, or the loss of one that its peer gave up.
struct Arrival {
  Handle accepted = kNoHandle;
  // 0 with a connection.
  int32_t status = 0;
};

enum class AcceptingState : uint8_t { idle, accepting, cancelled };

// A listener with its AcceptEx operations. While one is posted, it accepts (rule 3); if the last came back and none
// could be posted, the accept operation ends and its owner tries again after a pause.
class ListeningSocket final : public OverlappedSocket {
 public:
  // Null if there is no memory; the caller then keeps the descriptor.
  static ListeningSocket* make(Handle handle, int family, const SocketOptions& options, LPFN_ACCEPTEX accept);
  ~ListeningSocket() override;

  AcceptingState accepting() const { return accepting_; }
  bool is_out() const { return records_out > 0; }
  Operation& operation() const { return *operation_; }

  // 0 if at least one accept is posted, otherwise the error number.
  int32_t start(AcceptOperation& operation, RecordList& done);
  // Posts all idle records. Stops at the first refusal and returns it: the next one would lack the same resource.
  int32_t post_all(RecordList& done);
  // Cancels all of them. False as for cancel_posted.
  bool cancel();
  // A record has come back.
  Arrival take(AcceptRecord& record);
  // The last record has come back, and none was posted.
  void finish();

 private:
  ListeningSocket(Handle handle, int family, const SocketOptions& options, LPFN_ACCEPTEX accept);

  int32_t post(AcceptRecord& record, RecordList& done);
  int32_t adopt(Handle accepted);

  const int family_;
  const SocketOptions options_;
  const LPFN_ACCEPTEX accept_;
  AcceptRecord* records_[kAcceptsMax] = {};
  Operation* operation_ = nullptr;
  AcceptingState accepting_ = AcceptingState::idle;
};

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_ACCEPT_H_

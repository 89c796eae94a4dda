#ifndef FRAMEPORT_IOCP_ACCEPT_H_
#define FRAMEPORT_IOCP_ACCEPT_H_

#include <winsock2.h>

#include <mswsock.h>
#include <ws2tcpip.h>

#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"

namespace frameport::iocp {

// One AcceptEx: it is given a fresh socket, and room for the two addresses that it insists on writing.
struct AcceptRecord final : OverlappedRecord {
  explicit AcceptRecord(OverlappedSocket& listener) : OverlappedRecord(RecordKind::accept, listener) {}

  static constexpr DWORD kAddressBytes = sizeof(sockaddr_in6) + 16;
  Handle accepted = kNoHandle;
  alignas(8) uint8_t addresses[2 * kAddressBytes] = {};
};

// What one accept brought: a connection, or the loss of one that its peer gave up.
struct Arrival {
  Handle accepted = kNoHandle;
  // 0 with a connection.
  int32_t status = 0;
};

enum class AcceptingState : uint8_t { idle, accepting, cancelled };

// A listener with its AcceptEx operations. As long as one is out, it accepts (rule 3); when the last came back and none
// could be posted, the accept operation ends and its owner tries again after a pause.
class ListeningSocket final : public OverlappedSocket {
 public:
  // Null when there is no memory; the descriptor is still the caller's then.
  static ListeningSocket* make(Handle handle, int family, const SocketOptions& options, LPFN_ACCEPTEX accept);
  ~ListeningSocket() override;

  AcceptingState accepting() const { return accepting_; }
  bool is_out() const { return records_out > 0; }
  Operation& operation() const { return *operation_; }

  // 0 when at least one accept is out, the error number otherwise.
  int32_t start(AcceptOperation& operation, RecordList& done);
  // Posts all that are idle. What one lacks the next would lack, too: the first refusal ends it and is returned.
  int32_t post_all(RecordList& done);
  // Asks for all of them back. False as cancel_posted.
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

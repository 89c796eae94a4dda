#ifndef FRAMEPORT_IOCP_ACCEPT_H_
#define FRAMEPORT_IOCP_ACCEPT_H_

#include <winsock2.h>

#include <mswsock.h>
#include <ws2tcpip.h>

#include "../port.h"
#include "../windows/overlapped_socket.h"

namespace frameport::iocp {

// One AcceptEx: it is given a fresh socket, and room for the two addresses that it insists on writing.
struct AcceptRecord final : OverlappedRecord {
  explicit AcceptRecord(OverlappedSocket& listener) : OverlappedRecord(RecordKind::accept, listener) {}

  static constexpr DWORD kAddressBytes = sizeof(sockaddr_in6) + 16;
  Handle accepted = kNoHandle;
  alignas(8) uint8_t addresses[2 * kAddressBytes] = {};
};

// A listener with its AcceptEx operations. As long as one is out, it accepts (rule 3); when the last came back and none
// could be posted, the accept operation ends and its owner tries again after a pause.
class ListeningSocket final : public OverlappedSocket {
 public:
  // Null when there is no memory; the descriptor is still the caller's then.
  static ListeningSocket* make(Handle handle, int family, const SocketOptions& options, LPFN_ACCEPTEX accept);
  ~ListeningSocket() override;

  // Posts all that are idle. 0 when at least one is out, the error number otherwise.
  int32_t start(AcceptOperation& operation, RecordList& done);
  void cancel();
  // A record has come back. False when there is nothing to tell. Without `more` the operation has ended. When it ends
  // behind an accepted connection, `ended_status` says with what, and that completion is the caller's to make.
  bool complete(AcceptRecord& record, RecordList& done, Completion& completion, int32_t& ended_status);

 private:
  ListeningSocket(Handle handle, int family, const SocketOptions& options, LPFN_ACCEPTEX accept);

  int32_t post(AcceptRecord& record, RecordList& done);
  int32_t post_all(RecordList& done);
  int32_t adopt(AcceptRecord& record);

  const int family_;
  const SocketOptions options_;
  const LPFN_ACCEPTEX accept_;
  AcceptRecord* records_[kAcceptsMax] = {};
  Operation* operation_ = nullptr;
  bool cancelled_ = false;
};

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_ACCEPT_H_

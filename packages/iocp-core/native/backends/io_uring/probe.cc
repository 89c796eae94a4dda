#include "probe.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../os/linux/stream_socket.h"
#include "buffer_ring.h"
#include "kernel_abi.h"
#include "operations.h"
#include "ring.h"
#include "ring_shape.h"

namespace frameport::io_uring {

namespace {

constexpr uint32_t kEntries = 8;
constexpr RingShape kShape = {kEntries, kEntries, 64, true, 64};

// Tries one step after the other; after a required one has failed, the steps that build on it are not tried.
class Steps {
 public:
  explicit Steps(ProbeStep* steps) : steps_(steps) {}
  bool add(const char* name, int32_t status, bool required = true) {
    steps_[count_++] = {name, status, required};
    return status == 0 || !required;
  }
  size_t count() const { return count_; }

 private:
  ProbeStep* const steps_;
  size_t count_ = 0;
};

// Whether io_uring exists, and whether this process may use it: no flag can be the cause of a refusal.
int32_t plain_setup() {
  SetupParameters parameters{};
  const long descriptor = syscall(kSysSetup, kEntries, &parameters);
  if (descriptor < 0) return errno;
  ::close(static_cast<int>(descriptor));
  return 0;
}

bool add_features(Steps& steps, uint32_t features) {
  struct Feature {
    const char* name;
    uint32_t bit;
  };
  constexpr Feature kFeatures[] = {{"IORING_FEAT_SINGLE_MMAP", kFeatureSingleMap},
                                   {"IORING_FEAT_NODROP", kFeatureNoDrop},
                                   {"IORING_FEAT_SUBMIT_STABLE", kFeatureSubmitStable},
                                   {"IORING_FEAT_FAST_POLL", kFeatureFastPoll}};
  for (const Feature& feature : kFeatures) {
    if (!steps.add(feature.name, (features & feature.bit) != 0 ? 0 : EOPNOTSUPP)) return false;
  }
  return true;
}

bool add_operations(Steps& steps, const Ring& ring) {
  struct Named {
    const char* name;
    uint8_t opcode;
  };
  constexpr Named kOperations[] = {{"IORING_OP_ACCEPT", kOpAccept},
                                   {"IORING_OP_CONNECT", kOpConnect},
                                   {"IORING_OP_RECV", kOpReceive},
                                   {"IORING_OP_SENDMSG", kOpSendMessage},
                                   {"IORING_OP_ASYNC_CANCEL", kOpCancel}};
  OperationProbes probes{};
  if (!steps.add("IORING_REGISTER_PROBE", ring.register_with(kRegisterProbe, &probes, kOperationsProbedMax))) {
    return false;
  }
  for (const Named& operation : kOperations) {
    const bool known = operation.opcode <= probes.last_opcode;
    const bool supported = known && (probes.operations[operation.opcode].flags & kOperationSupported) != 0;
    if (!steps.add(operation.name, supported ? 0 : EOPNOTSUPP)) return false;
  }
  return true;
}

int32_t eventfd_status(Ring& ring) {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) return errno;
  const int32_t status = ring.register_eventfd(descriptor);
  ::close(descriptor);
  return status;
}

// No bit reports multishot requests: an older kernel treats the flag as an error, and reports it in the completion.
int32_t multishot_receive(Ring& ring, BufferRing& buffers) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) return errno;
  Socket socket;
  socket.handle = pair[0];
  const ReceiveOperation operation(socket, nullptr);
  prepare_receive(operation, *ring.next());
  const bool sent = ::send(pair[1], "?", 1, MSG_NOSIGNAL) == 1;
  ring.enter(true, 1);
  int32_t status = sent && ring.ready() > 0 ? 0 : EIO;
  if (status == 0) {
    const CompletionEntry entry = ring.completion(0);
    ring.advance(1);
    Completion completion;
    const EntryOutcome outcome = take_receive(entry, buffers, completion);
    const bool works = completion.length == 1 && outcome.next == Next::in_kernel;
    status = works ? 0 : entry.result < 0 ? -entry.result : EOPNOTSUPP;
    if (completion.length > 0) buffers.release(completion.buffer);
  }
  // The request ends with the peer; the memory that it may still write to is freed after the ring.
  ::close(pair[1]);
  ::close(pair[0]);
  return status;
}

int32_t multishot_accept(Ring& ring) {
  Socket socket;
  socket.handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket.handle < 0) return errno;
  const int listener = static_cast<int>(socket.handle);
  // A name that the kernel chooses, outside the file system (unix(7)).
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  int32_t status = 0;
  const AcceptOperation operation(socket, nullptr);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address.sun_family) != 0 || listen(listener, 1) != 0) {
    status = errno;
  } else {
    prepare_accept(operation, *ring.next());
    // Nobody connects: if it works, nothing completes, and a refused one completes at once.
    ring.enter(true);
    if (ring.ready() > 0) status = -ring.completion(0).result;
  }
  ::close(listener);
  return status;
}

}  // namespace

size_t probe(ProbeStep* steps) {
  Steps tried(steps);
  if (!tried.add("io_uring_setup", plain_setup())) return tried.count();
  uint8_t bytes[2 * kEntries];
  int32_t in_use = 0;
  const ReceiveMemory memory{bytes, 2, kEntries, &in_use};
  BufferRing buffers;
  Ring ring;
  // The size is that of a port's ring, because locked memory may be limited (see kRingShape).
  const PortFault fault = ring.open(kRingShape.submissions, kRingShape.completions);
  // Linux 6.1 introduced the newest required flag, IORING_SETUP_DEFER_TASKRUN.
  if (!tried.add("io_uring_setup with DEFER_TASKRUN (Linux 6.1)", fault.status)) return tried.count();
  if (!add_features(tried, ring.features()) || !add_operations(tried, ring)) return tried.count();
  if (!tried.add("eventfd", eventfd_status(ring))) return tried.count();
  if (!tried.add("IORING_REGISTER_PBUF_RING", buffers.open(ring, memory, kShape).status)) return tried.count();
  tried.add("IOU_PBUF_RING_INC (Linux 6.12)", buffers.incremental() ? 0 : EINVAL, false);
  if (tried.add("multishot receive", multishot_receive(ring, buffers)) &&
      tried.add("multishot accept", multishot_accept(ring))) {
    tried.add("TCP_NOTSENT_LOWAT", stream_socket::try_not_sent_low(), false);
  }
  buffers.close(ring);
  return tried.count();
}

}  // namespace frameport::io_uring

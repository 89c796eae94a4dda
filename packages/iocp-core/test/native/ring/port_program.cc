// Tests of an io_uring port that only a separate program can make. Prints one line for each check.
// No test can make the kernel lose a completion, so the program stands between port and kernel: it removes one, counts
// it as lost where the kernel would, and answers EBADR once.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../../native/backends/io_uring/kernel_abi.h"
#include "../../../native/backends/io_uring/operations.h"
#include "../../../native/backends/io_uring/port.h"

using namespace frameport;
using frameport::io_uring::CompletionEntry;
using frameport::io_uring::SetupParameters;

namespace {

SetupParameters shape;
uint8_t* rings = nullptr;
bool loses_next = false;
bool answers_loss = false;
uint32_t enters = 0;
int eventfd_of_ring = -1;
int speaks_in_enter = -1;

uint32_t& word(uint32_t offset) { return *reinterpret_cast<uint32_t*>(rings + offset); }

// A removed completion gets the name kNobody.
void lose_completions() {
  const auto& offsets = shape.completion_offsets;
  auto* entries = reinterpret_cast<CompletionEntry*>(rings + offsets.completions);
  const uint32_t tail = __atomic_load_n(&word(offsets.tail), __ATOMIC_ACQUIRE);
  for (uint32_t at = word(offsets.head); at != tail; at++) {
    CompletionEntry& entry = entries[at & word(offsets.mask)];
    if (entry.user_data == io_uring::kNobody) continue;
    entry.user_data = io_uring::kNobody;
    word(offsets.overflow)++;
    loses_next = false;
    answers_loss = true;
  }
}

}  // namespace

extern "C" {

long __real_syscall(long number, ...);
void* __real_mmap(void* address, size_t length, int rights, int flags, int descriptor, off_t offset);

void* __wrap_mmap(void* address, size_t length, int rights, int flags, int descriptor, off_t offset) {
  void* mapped = __real_mmap(address, length, rights, flags, descriptor, offset);
  if (descriptor >= 0 && offset == static_cast<off_t>(io_uring::kMapRings)) rings = static_cast<uint8_t*>(mapped);
  return mapped;
}

long __wrap_syscall(long number, ...) {
  unsigned long words[6];
  va_list given;
  va_start(given, number);
  for (unsigned long& each : words) each = va_arg(given, unsigned long);
  va_end(given);
  if (number == io_uring::kSysEnter && answers_loss) {
    answers_loss = false;
    errno = EBADR;
    return -1;
  }
  const long result = __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
  if (number == io_uring::kSysEnter) {
    enters++;
    if (speaks_in_enter >= 0) (void)!write(speaks_in_enter, "?", 1);
    speaks_in_enter = -1;
  }
  const bool registers = number == io_uring::kSysRegister && words[1] == io_uring::kRegisterEventfd;
  if (registers) eventfd_of_ring = *reinterpret_cast<int*>(words[2]);
  if (number == io_uring::kSysSetup) shape = *reinterpret_cast<SetupParameters*>(words[1]);
  if (number == io_uring::kSysEnter && loses_next) lose_completions();
  return result;
}

}  // extern "C"

namespace {

constexpr size_t kClients = 3;
constexpr uint32_t kBufferBytes = 4096;

Completion completions[kCompletionsMin];

// Waits until `expected` completions have come; gives up after 1000 rounds.
size_t gather(Port& port, size_t expected) {
  size_t count = 0;
  for (int round = 0; round < 1000 && count < expected; round++) {
    count += port.wait(completions + count, kCompletionsMin);
    if (count < expected) usleep(1000);
  }
  return count;
}

int connect_to(const Address& address) {
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  const auto* remote = reinterpret_cast<const sockaddr*>(address.bytes);
  return ::connect(client, remote, address.length) == 0 ? client : -1;
}

// A connection with a receive, and its peer.
struct Pair {
  Socket socket;
  ReceiveOperation receive{socket, nullptr};
  int client = -1;

  // The first completion is the accept of the peer.
  void begin(Port& port, const Address& address) {
    client = connect_to(address);
    if (gather(port, 1) == 1) port.associate(socket, completions[0].accepted);
    port.submit(receive);
  }
  bool hears(Port& port) {
    const bool sent = ::send(client, "?", 1, MSG_NOSIGNAL) == 1;
    if (!sent || gather(port, 1) != 1) return false;
    const bool heard = completions[0].operation == &receive && completions[0].length == 1;
    if (heard) port.release(completions[0].buffer);
    return heard;
  }
  void end(Port& port) {
    port.cancel(receive);
    gather(port, 1);
    port.close(socket);
    ::close(client);
  }
};

// The last bytes of a connection and its end come in one wait. Its record is reused before the next call of the port,
// and another operation is submitted in between.
void use_record_again(Port& port, const Address& address) {
  Pair other;
  other.begin(port, address);
  port.cancel(other.receive);
  gather(port, 1);
  Pair pair;
  pair.begin(port, address);
  port.wait(completions, kCompletionsMin);
  const int next = connect_to(address);
  if (gather(port, 1) != 1) return;
  const Handle accepted = completions[0].accepted;
  ::send(pair.client, "?", 1, 0);
  ::shutdown(pair.client, SHUT_WR);
  const size_t count = port.wait(completions, kCompletionsMin);
  const bool together = count == 2 && completions[0].length == 1 && !completions[1].more;
  printf("the last bytes and the end come %s\n", together ? "in one wait" : "apart");
  port.release(completions[0].buffer);
  port.close(pair.socket);
  ::close(pair.client);
  port.submit(other.receive);
  port.associate(pair.socket, accepted);
  pair.client = next;
  port.submit(pair.receive);
  const bool both = other.hears(port) && pair.hears(port);
  printf("afterwards %s hear their peers\n", both ? "both connections" : "not both connections");
  if (!both) _exit(1);
  other.end(port);
  pair.end(port);
}

bool is_readable(int descriptor) {
  pollfd asked{descriptor, POLLIN, 0};
  return poll(&asked, 1, 0) == 1;
}

// A sleeping port sends in several parts to two connections. Then it gets more than one request.
void ask_while_asleep(Port& port, const Address& address) {
  Pair pairs[2];
  for (Pair& pair : pairs) pair.begin(port, address);
  while (!port.try_sleep()) port.wait(completions, kCompletionsMin);
  const uint8_t letters[] = {'a', 'b', 'c'};
  const SendPart parts[] = {{letters, 1}, {letters + 1, 1}, {letters + 2, 1}};
  SendAttempt attempts[2];
  for (size_t index = 0; index < 2; index++) {
    attempts[index].socket = &pairs[index].socket;
    attempts[index].parts = parts;
    attempts[index].part_count = 3;
  }
  enters = 0;
  port.try_send(attempts, 2);
  printf("two sends of three parts are %u call of the ring and take %zu and %zu bytes\n", enters, attempts[0].length,
         attempts[1].length);
  printf("their answers wake %s\n", is_readable(eventfd_of_ring) ? "somebody" : "nobody");
  for (Pair& pair : pairs) {
    char came[4] = {};
    const ssize_t length = recv(pair.client, came, sizeof came, 0);
    if (length != 3 || memcmp(came, letters, 3) != 0) _exit(1);
  }
  speaks_in_enter = pairs[0].client;
  port.try_send(attempts, 2);
  printf("what completes beside them wakes %s\n", is_readable(eventfd_of_ring) ? "somebody" : "nobody");
  if (gather(port, 1) == 1) port.release(completions[0].buffer);
  while (!port.try_sleep()) port.wait(completions, kCompletionsMin);
  enters = 0;
  for (Pair& pair : pairs) port.cancel(pair.receive);
  printf("two cancels of a port that sleeps are %u calls, has_ready %d, ", enters, port.has_ready() ? 1 : 0);
  size_t ended = 0;
  for (int round = 0; round < 10 && ended < 2; round++) ended += port.wait(completions, kCompletionsMin);
  printf("and the next wait ends %zu in %u\n", ended, enters);
  for (Pair& pair : pairs) {
    port.close(pair.socket);
    ::close(pair.client);
  }
}

// One connection fills every buffer, and nobody releases them, so the bytes of all others find no buffer. After the
// release, how many connections does one wait serve?
void serve_hungry(Address address) {
  constexpr uint32_t kBuffers = 4;
  constexpr uint32_t kLongBytes = 128 * 1024;
  constexpr size_t kHungry = 10;
  alignas(kBufferBytes) static uint8_t bytes[kBuffers * kLongBytes];
  int32_t in_use = 0;
  PortSetup setup;
  setup.memory = {bytes, kBuffers, kLongBytes, &in_use};
  PortFault fault;
  Port* port = io_uring::make(setup, fault);
  Socket listener;
  if (port == nullptr || port->listen(listener, address, {}) != 0 || port->local_address(listener, address) != 0) _exit(1);
  {
    AcceptOperation accept(listener, nullptr);
    port->submit(accept);
    Pair greedy;
    Pair hungry[kHungry];
    greedy.begin(*port, address);
    for (Pair& pair : hungry) pair.begin(*port, address);
    static const uint8_t flood[16 * 1024] = {};
    static uint32_t held[4096];
    size_t held_count = 0;
    for (size_t came = 0; came < sizeof bytes && held_count < 4000;) {
      ::send(greedy.client, flood, sizeof flood, MSG_NOSIGNAL | MSG_DONTWAIT);
      const size_t count = port->wait(completions, kCompletionsMin);
      for (size_t index = 0; index < count; index++) {
        came += completions[index].length;
        held[held_count++] = completions[index].buffer;
      }
    }
    for (Pair& pair : hungry) ::send(pair.client, "?", 1, MSG_NOSIGNAL);
    size_t early = 0;
    for (int round = 0; round < 20; round++) early += port->wait(completions, kCompletionsMin);
    while (held_count > 0) port->release(held[--held_count]);
    const size_t count = port->wait(completions, kCompletionsMin);
    size_t served = 0;
    for (size_t index = 0; index < count; index++) {
      served += completions[index].operation != &greedy.receive ? 1 : 0;
      port->release(completions[index].buffer);
    }
    printf("%zu of %zu are served without a buffer, and %zu by the wait behind its return\n", early, kHungry, served);
    port->cancel(accept);
    port->cancel(greedy.receive);
    for (Pair& pair : hungry) port->cancel(pair.receive);
    while (greedy.receive.in_flight() || accept.in_flight() || port->has_ready()) {
      const size_t ended = port->wait(completions, kCompletionsMin);
      for (size_t index = 0; index < ended; index++) {
        if (completions[index].length > 0) port->release(completions[index].buffer);
      }
    }
    port->close(greedy.socket);
    ::close(greedy.client);
    for (Pair& pair : hungry) {
      port->close(pair.socket);
      ::close(pair.client);
    }
    port->close(listener);
  }
  delete port;
}

// No kernel can be made to refuse an accept of the ring, so the program simulates its answer.
void refuse_accept() {
  const CompletionEntry refusal{0, -EPERM, 0};
  Completion completion;
  const io_uring::EntryOutcome outcome = io_uring::take_accept(refusal, completion);
  printf("an accept that EPERM refuses %s\n", outcome.next == io_uring::Next::over ? "ends" : "is submitted again");
}

}  // namespace

int main() {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  refuse_accept();
  Address address;
  auto& loopback = *reinterpret_cast<sockaddr_in*>(address.bytes);
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.length = sizeof loopback;
  // Before the port below: the wrapped calls know only the ring that was created last.
  serve_hungry(address);
  alignas(kBufferBytes) static uint8_t bytes[4 * kBufferBytes];
  int32_t in_use = 0;
  PortSetup setup;
  setup.memory = {bytes, 4, kBufferBytes, &in_use};
  PortFault fault;
  Port* port = io_uring::make(setup, fault);
  if (port == nullptr) {
    printf("%s: %d\n", fault.step, fault.status);
    return 1;
  }
  Socket listener;
  if (port->listen(listener, address, {}) != 0 || port->local_address(listener, address) != 0) return 1;
  {
    AcceptOperation accept(listener, nullptr);
    port->submit(accept);
    use_record_again(*port, address);
    ask_while_asleep(*port, address);
    Socket sockets[kClients];
    ReceiveOperation receives[kClients] = {{sockets[0], nullptr}, {sockets[1], nullptr}, {sockets[2], nullptr}};
    int clients[kClients];
    for (int& client : clients) client = connect_to(address);
    if (gather(*port, kClients) != kClients) return 1;
    for (size_t index = 0; index < kClients; index++) {
      port->associate(sockets[index], completions[index].accepted);
      port->submit(receives[index]);
    }
    port->wait(completions, kCompletionsMin);

    loses_next = true;
    if (::send(clients[0], "?", 1, 0) != 1) return 1;
    const size_t ended = gather(*port, kClients + 1);
    size_t refused = 0;
    for (size_t index = 0; index < ended; index++) refused += completions[index].status == ENOBUFS ? 1 : 0;
    printf("%zu operations ended, %zu of them by ENOBUFS\n", ended, refused);
    const Submitted again = port->submit(receives[0]);
    Socket other;
    printf("afterwards submit says %d, listen %d, has_ready %d\n", again.status, port->listen(other, address, {}),
           port->has_ready() ? 1 : 0);
    for (Socket& socket : sockets) port->close(socket);
    for (const int client : clients) ::close(client);
    port->close(listener);
  }
  delete port;
  printf("the port is freed, buffers in use: %d\n", in_use);
  return 0;
}

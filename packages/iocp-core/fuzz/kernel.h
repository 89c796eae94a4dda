#ifndef FRAMEPORT_FUZZ_KERNEL_H_
#define FRAMEPORT_FUZZ_KERNEL_H_

#include <memory>
#include <vector>

#include "epoll_set.h"
#include "random.h"
#include "ring.h"
#include "stream.h"

namespace frameport::fuzz {

// The faults of the kernel in one episode. A rate N means "once in N times", 0 means never. A kind kernel causes none.
struct Mood {
  uint32_t late = 3;            // a request that could complete waits for the next `look`
  uint32_t short_reads = 3;     // a read returns fewer bytes than have arrived
  uint32_t short_writes = 3;    // a write takes fewer bytes than there is room for
  uint32_t again = 40;          // EAGAIN, EINTR, ENOBUFS without a reason
  uint32_t not_cancelled = 400; // a waiting receive ends with ECANCELED although nobody cancelled it
  uint32_t ends_early = 30;     // a multishot request ends early: a completion without IORING_CQE_F_MORE
  uint32_t refused_enter = 40;  // io_uring_enter fails and submits nothing
  uint32_t partial_enter = 15;  // io_uring_enter submits only some entries
  uint32_t late_sends = 20;     // a send with MSG_DONTWAIT completes later nevertheless
  uint32_t slow_cancel = 5;     // a cancel fails because its request is running (EALREADY)
  uint32_t accept_fault = 20;   // an accept fails
  uint32_t refused_watch = 0;   // epoll_ctl, setsockopt and socket fail for lack of memory
  uint32_t old_marks = 3;       // a completion without bytes names a buffer
  uint32_t memory_refused = 0;  // an allocation of the engine fails
  uint32_t lost = 0;            // the kernel drops a completion that does not fit the queue (EBADR)
  uint32_t room_most = 4096;    // the most bytes that a socket takes before its peer reads
  bool incremental = true;      // the kernel supports incremental buffers
};

// Part of the receive memory that the user still reads.
struct Reading {
  const uint8_t* bytes;
  size_t length;
};

// The fake kernel: the descriptors of the process under test, and the rules for their use. The numbers of the
// descriptors start above all real ones.
class Kernel {
 public:
  static constexpr int kFirst = 100000;

  Kernel(Random& random, const Mood& mood) : random_(random), mood_(mood) {}
  ~Kernel();

  Random& random() { return random_; }
  const Mood& mood() const { return mood_; }
  bool ill(uint32_t one_in) { return !kind_ && random_.one_in(one_in); }
  void set_kind(bool kind) { kind_ = kind; }
  bool is_kind() const { return kind_; }

  // Descriptors. A new one gets the lowest free number, as on Linux, so that closing a number twice can hit another.
  int add_stream(Stream& stream);
  int add_eventfd();
  int add_ring(std::unique_ptr<RingKernel> ring);
  int add_epoll();
  bool is_fake(int descriptor) const { return descriptor >= kFirst; }
  Stream& stream(int descriptor);
  Stream* find_stream(int descriptor);
  uint64_t* eventfd(int descriptor);
  RingKernel& ring(int descriptor);
  EpollSet& epoll(int descriptor);
  const EpollSet* find_epoll(int descriptor);
  void close(int descriptor);
  uint32_t open_descriptors() const { return open_; }
  bool is_readable(int descriptor);

  Stream& make_stream();
  Stream& stream_of(uint32_t id) { return *streams_[id - 1]; }
  Stream& last_stream() { return *streams_.back(); }
  const std::vector<Stream*>& live() const { return live_; }
  // A peer connects: its stream waits in the backlog.
  Stream& peer_connects(Stream& listener);

  // The only ring, and the only epoll set that contains sockets; null if there is none.
  RingKernel* only_ring() { return only_ring_; }
  EpollSet* only_epoll() { return only_epoll_; }
  // Lets time pass: requests in the ring go on if they can and the mood allows it.
  void look();
  // Whether the engine would find completions or events if it looked.
  bool has_something();

  // What the engine is doing: set by the driver, for the rules of thrift.h.
  void begin_gather();
  void fall_asleep() { asleep_ = true; }
  bool is_asleep() const { return asleep_; }
  void set_may_enter(bool may_enter) { may_enter_ = may_enter; }
  bool may_enter() const { return may_enter_; }

  // Receive memory: where the kernel may write, and which parts the user still reads.
  void set_receive_memory(uint8_t* bytes, size_t length) { memory_ = bytes, memory_bytes_ = length; }
  void check_receive_memory(const uint8_t* bytes, size_t length) const;
  std::vector<Reading>& readings() { return readings_; }

  // Decides whether the current allocation of the engine fails.
  bool refuses_memory() {
    const bool refused = ill(mood_.memory_refused);
    memory_was_refused_ |= refused;
    return refused;
  }
  bool memory_was_refused() const { return memory_was_refused_; }
  void lose_completion() { completion_was_lost_ = true; }
  bool completion_was_lost() const { return completion_was_lost_; }

 private:
  struct Entry {
    Stream* stream = nullptr;
    std::unique_ptr<uint64_t> counter;
    std::unique_ptr<RingKernel> ring;
    std::unique_ptr<EpollSet> epoll;
    bool taken = false;
  };
  Entry& entry(int descriptor);
  int take();

  Random& random_;
  Mood mood_;
  bool kind_ = false;
  bool asleep_ = false;
  bool may_enter_ = false;
  std::vector<Entry> entries_;
  uint32_t open_ = 0;
  uint32_t lowest_ = 0;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<Stream*> live_;
  RingKernel* only_ring_ = nullptr;
  EpollSet* only_epoll_ = nullptr;
  const uint8_t* memory_ = nullptr;
  size_t memory_bytes_ = 0;
  std::vector<Reading> readings_;
  bool memory_was_refused_ = false;
  bool completion_was_lost_ = false;
};

// The kernel that gets the system calls; null outside an episode.
extern Kernel* kernel;

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_KERNEL_H_

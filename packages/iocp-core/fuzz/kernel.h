#ifndef FRAMEPORT_FUZZ_KERNEL_H_
#define FRAMEPORT_FUZZ_KERNEL_H_

#include <memory>
#include <vector>

#include "epoll_set.h"
#include "random.h"
#include "ring.h"
#include "stream.h"

namespace frameport::fuzz {

// How a kernel treats its caller in one episode: each is "one in so many", 0 for never. A kind kernel does none of it.
struct Mood {
  uint32_t late = 3;            // a request that could complete waits for the next look
  uint32_t short_reads = 3;     // fewer bytes than there are
  uint32_t short_writes = 3;    // fewer bytes than there is room for
  uint32_t again = 40;          // EAGAIN, EINTR, ENOBUFS without a reason
  uint32_t not_cancelled = 400; // a waiting receive ends with ECANCELED that nobody asked for
  uint32_t ends_early = 30;     // a multishot request ends without the mark that it goes on
  uint32_t refused_enter = 40;  // io_uring_enter takes nothing
  uint32_t partial_enter = 15;  // io_uring_enter takes some
  uint32_t late_sends = 20;     // a send that does not wait completes later all the same
  uint32_t slow_cancel = 5;     // a cancel finds its request at work (EALREADY)
  uint32_t accept_fault = 20;   // accepting fails
  uint32_t refused_watch = 0;   // epoll_ctl and setsockopt have no memory
  uint32_t old_marks = 3;       // completions without bytes name their buffer, or do not
  uint32_t memory_refused = 0;  // an allocation of the engine fails
  uint32_t lost = 0;            // a completion that does not fit its queue is dropped (EBADR)
  uint32_t room_most = 4096;    // bytes that a socket takes before its peer reads
  bool incremental = true;      // the kernel has incremental buffers
};

// Part of the receive memory that the user still reads.
struct Reading {
  const uint8_t* bytes;
  size_t length;
};

// The descriptors of the process under test and the rules about them. Numbers start where no real one is.
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

  // Descriptors. The lowest free number is used next, as Linux does, so that a number closed once too often is
  // another's by then.
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
  // A peer connects: the stream waits in the backlog.
  Stream& peer_connects(Stream& listener);

  // The only ring or set of sockets there is; null when there is none.
  RingKernel* only_ring() { return only_ring_; }
  EpollSet* only_epoll() { return only_epoll_; }
  // Time passes: what can complete does, if the mood allows.
  void look();
  // Whether the engine would find something if it looked.
  bool has_something();

  // What the engine is about, as the driver knows it: see thrift.h.
  void begin_gather();
  void fall_asleep() { asleep_ = true; }
  bool is_asleep() const { return asleep_; }
  void set_may_enter(bool may_enter) { may_enter_ = may_enter; }
  bool may_enter() const { return may_enter_; }

  // Receive memory: where the kernel may write, and what the user reads of it.
  void set_receive_memory(uint8_t* bytes, size_t length) { memory_ = bytes, memory_bytes_ = length; }
  void check_receive_memory(const uint8_t* bytes, size_t length) const;
  std::vector<Reading>& readings() { return readings_; }

  // An allocation of the engine is refused now.
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

// The one that system calls are handed to; null outside of an episode.
extern Kernel* kernel;

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_KERNEL_H_

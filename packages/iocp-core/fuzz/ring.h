#ifndef FRAMEPORT_FUZZ_RING_H_
#define FRAMEPORT_FUZZ_RING_H_

#include <linux/io_uring.h>
#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "stream.h"
#include "thrift.h"

namespace frameport::fuzz {

class Kernel;

// Newer than the headers of some distributions.
constexpr uint16_t kBufferRingIncremental = 2;
constexpr uint32_t kCompletionBufferMore = 1u << 4;

// One io_uring as the other side of its shared memory sees it: opened with deferred task work, so that what a request
// does after its submission happens in io_uring_enter with IORING_ENTER_GETEVENTS and nowhere else.
class RingKernel {
 public:
  RingKernel(Kernel& kernel, uint32_t submissions, io_uring_params& parameters);
  ~RingKernel();

  // The memory behind mmap(2) at an offset, or null with the wrong length.
  void* map(uint64_t offset, size_t length);
  // Whether the memory is a mapping of this ring, which is gone with it.
  bool unmap(const void* memory) const { return memory == rings_.get() || memory == entries_.get(); }
  // Each returns what the system call returns, with the error number negated.
  long enter(uint32_t submit, uint32_t wait_for, uint32_t flags);
  long register_with(unsigned operation, void* argument, unsigned arguments);

  // The engine is about to gather.
  void begin_gather();
  // Time passes: requests that could go on become deferred work.
  void look();
  // Whether the engine would find something if it called.
  bool has_something() const;
  // The user's memory has an unread completion of this stream.
  bool holds_completion_of(const Stream& stream) const;
  void check_idle() const;
  // Whether a receive would find a buffer.
  bool has_buffer() const { return buffers_ != nullptr && buffers_head_ != lent(); }

 private:
  struct Request {
    uint64_t name = 0;
    uint8_t opcode = 0;
    uint16_t flags = 0;  // IORING_RECV_MULTISHOT, IORING_ACCEPT_MULTISHOT, IORING_RECVSEND_POLL_FIRST
    Stream* stream = nullptr;
    std::vector<iovec> parts;
    const void* address = nullptr;
    bool selects_buffer = false;
    bool is_attempt = false;  // a send that does not wait
    bool is_input = false;
    bool waits = false;       // for its socket: it has been looked at before
    bool at_work = false;     // in `work_`
    bool cancelled = false;
    int forced = 0;           // ends with this error
    uint64_t wakes_seen = kNoWake;
  };
  struct Completed {
    uint64_t name;
    int32_t result;
    uint32_t flags;
    const Stream* stream;
  };
  static constexpr uint64_t kNoWake = ~uint64_t{0};

  uint32_t& word(size_t offset) const { return *reinterpret_cast<uint32_t*>(rings_.get() + offset); }
  uint32_t completions_ready() const;
  // The number of the completion that is posted next.
  uint32_t next_completion() const;

  // Submission.
  uint32_t take_submissions(uint32_t count);
  void issue(const io_uring_sqe& entry);
  void check_entry(const io_uring_sqe& entry) const;
  void cancel(const io_uring_sqe& entry);

  // Deferred work.
  void defer(Request& request);
  void run_work(uint32_t most);
  bool is_due(const Request& request);
  void force_something(Request& request);

  // What a request does; each returns whether it has ended.
  bool run(Request& request);
  bool run_receive(Request& request);
  bool run_accept(Request& request);
  bool run_send(Request& request);
  bool run_connect(Request& request);
  bool end(Request& request, int32_t result, uint32_t flags = 0);
  void remove(Request& request);
  // Every request is cancelled. Returns what the system call returns.
  long cancel_all(const void* argument);
  bool is_full() const { return !overflow_.empty() || completions_ready() == completions_; }

  // Buffers.
  struct Chosen {
    io_uring_buf* entry;
    uint32_t flags;
  };
  // The tail of the ring of buffers, which lies in the last half-word of its first entry.
  uint16_t lent() const { return __atomic_load_n(reinterpret_cast<uint16_t*>(buffers_) + 7, __ATOMIC_ACQUIRE); }
  bool choose_buffer(Chosen& chosen);
  uint32_t use_buffer(const Chosen& chosen, uint32_t length);
  uint32_t name_unused_buffer();

  // Completion. `post_more` is false when there is no room: the request ends then.
  void post(uint64_t name, int32_t result, uint32_t flags, const Stream* stream);
  bool post_more(Request& request, int32_t result, uint32_t flags);
  void write_completion(const Completed& completed);
  void flush_overflow();
  void lose();
  void signal();
  void set_flags();

  Kernel& kernel_;
  const uint32_t submissions_;
  const uint32_t completions_;
  size_t rings_bytes_;
  std::unique_ptr<uint8_t[]> rings_;
  std::unique_ptr<io_uring_sqe[]> entries_;
  std::vector<const Stream*> completed_streams_;  // of each place in the completion queue
  std::deque<Completed> overflow_;
  std::vector<std::unique_ptr<Request>> requests_;
  std::unordered_map<uint64_t, Request*> by_name_;
  std::vector<Request*> work_;
  int attempts_at_work_ = 0;  // the first ones of `work_`
  bool lost_is_told_ = true;
  int eventfd_ = -1;
  io_uring_buf* buffers_ = nullptr;
  uint32_t buffer_count_ = 0;
  uint16_t buffers_head_ = 0;
  bool incremental_ = false;
  uint32_t lent_most_ = 0;  // buffers at a time
  uint32_t longest_ = 0;  // bytes of the longest buffer that was lent
  Resubmissions resubmissions_;
};

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_RING_H_

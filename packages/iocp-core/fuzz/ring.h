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

// Missing in the headers of some distributions.
constexpr uint16_t kBufferRingIncremental = 2;
constexpr uint32_t kCompletionBufferMore = 1u << 4;

// The kernel's side of one io_uring. It is opened with deferred task work (IORING_SETUP_DEFER_TASKRUN): after its
// submission, a request goes on only in io_uring_enter with IORING_ENTER_GETEVENTS.
class RingKernel {
 public:
  RingKernel(Kernel& kernel, uint32_t submissions, io_uring_params& parameters);
  ~RingKernel();

  // The memory that mmap(2) returns for an offset, or null if the offset or the length is wrong.
  void* map(uint64_t offset, size_t length);
  // Whether the memory is a mapping of this ring. The ring frees it at its own end.
  bool unmap(const void* memory) const { return memory == rings_.get() || memory == entries_.get(); }
  // Both return the result of the system call, or the negated error number.
  long enter(uint32_t submit, uint32_t wait_for, uint32_t flags);
  long register_with(unsigned operation, void* argument, unsigned arguments);

  // The engine is about to gather.
  void begin_gather();
  // Lets time pass: requests that can go on become deferred work.
  void look();
  // Whether there are unread completions or deferred work.
  bool has_something() const;
  // Whether a completion of this stream is unread.
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
    bool is_attempt = false;  // a send with MSG_DONTWAIT
    bool is_input = false;
    bool waits = false;       // for its socket to become ready
    bool at_work = false;     // in `work_`
    bool cancelled = false;
    int forced = 0;           // 0, or the error with which it will end
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
  // The number that the next completion gets.
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

  // Running a request: each function returns whether the request has ended.
  bool run(Request& request);
  bool run_receive(Request& request);
  bool run_accept(Request& request);
  bool run_send(Request& request);
  bool run_connect(Request& request);
  bool end(Request& request, int32_t result, uint32_t flags = 0);
  void remove(Request& request);
  // Cancels every request. Returns the result of the system call.
  long cancel_all(const void* argument);
  bool is_full() const { return !overflow_.empty() || completions_ready() == completions_; }

  // Buffers.
  struct Chosen {
    io_uring_buf* entry;
    uint32_t flags;
  };
  // The tail of the buffer ring: the last 16 bits of its first entry.
  uint16_t lent() const { return __atomic_load_n(reinterpret_cast<uint16_t*>(buffers_) + 7, __ATOMIC_ACQUIRE); }
  bool choose_buffer(Chosen& chosen);
  uint32_t use_buffer(const Chosen& chosen, uint32_t length);
  uint32_t name_unused_buffer();

  // Completion. `post_more` returns false if the request has to end: there is no room, or the mood ends it early.
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
  std::vector<const Stream*> completed_streams_;  // for each entry of the completion queue
  std::deque<Completed> overflow_;
  std::vector<std::unique_ptr<Request>> requests_;
  std::unordered_map<uint64_t, Request*> by_name_;
  std::vector<Request*> work_;
  int attempts_at_work_ = 0;  // how many of them are at the front of `work_`
  bool lost_is_told_ = true;
  int eventfd_ = -1;
  io_uring_buf* buffers_ = nullptr;
  uint32_t buffer_count_ = 0;
  uint16_t buffers_head_ = 0;
  bool incremental_ = false;
  uint32_t lent_most_ = 0;  // the most buffers that were lent at the same time
  uint32_t longest_ = 0;  // the bytes of the longest buffer that was lent
  Resubmissions resubmissions_;
};

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_RING_H_

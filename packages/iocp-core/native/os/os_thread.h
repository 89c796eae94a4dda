#ifndef FRAMEPORT_OS_THREAD_H_
#define FRAMEPORT_OS_THREAD_H_

#include <atomic>
#include <cstdint>

namespace frameport {

// Sleeps while `word` holds `value`. May return early; the caller checks the word again.
void park(std::atomic<uint32_t>& word, uint32_t value);
// Wakes the thread that sleeps on `word`.
void unpark(std::atomic<uint32_t>& word);

// A thread without a destructor that could end the process: it is joined explicitly, or runs until exit().
class OsThread {
 public:
  // Signals go only to the program's own threads. Returns 0 or the error number.
  int32_t start(void (*run)(void*), void* argument);
  void join();

 private:
  uintptr_t thread_ = 0;
  bool joinable_ = false;
};

}  // namespace frameport

#endif  // FRAMEPORT_OS_THREAD_H_

#include "../os_thread.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <new>

#include "../../base/check.h"

namespace frameport {

namespace {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "a futex is a plain 32-bit word");
static_assert(sizeof(pthread_t) <= sizeof(uintptr_t), "a thread's name fits the field");

struct Start {
  void (*run)(void*);
  void* argument;
};

void* enter(void* argument) {
  Start* start = static_cast<Start*>(argument);
  const Start copy = *start;
  delete start;
  copy.run(copy.argument);
  return nullptr;
}

}  // namespace

void park(std::atomic<uint32_t>& word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void unpark(std::atomic<uint32_t>& word) { syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

int32_t OsThread::start(void (*run)(void*), void* argument) {
  check(!joinable_, "a thread is started once");
  Start* start = new (std::nothrow) Start{run, argument};
  if (start == nullptr) return ENOMEM;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int status = pthread_create(&thread, nullptr, enter, start);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (status != 0) {
    delete start;
    return status;
  }
  thread_ = static_cast<uintptr_t>(thread);
  joinable_ = true;
  return 0;
}

void OsThread::join() {
  if (!joinable_) return;
  joinable_ = false;
  check(pthread_join(static_cast<pthread_t>(thread_), nullptr) == 0, "the worker can be joined");
}

}  // namespace frameport

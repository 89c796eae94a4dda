// Runs a program under a filter of system calls (seccomp(2)), as a container does.
//   refuse_calls DEFAULT_ERRNO NUMBER=ERRNO... -- PROGRAM ARGUMENT...
// A call with that number fails with that error, or is allowed if it is 0; a call that is not listed gets the default.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#endif

constexpr size_t kInstructionsMax = BPF_MAXINSNS;
sock_filter filter[kInstructionsMax];
unsigned short length = 0;

void add(sock_filter instruction) {
  if (length == kInstructionsMax) {
    fprintf(stderr, "refuse_calls: too many rules for one filter\n");
    exit(125);
  }
  filter[length++] = instruction;
}

unsigned answer(unsigned error) { return error == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | error; }

void load(size_t offset) { add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset))); }

void give(unsigned error) { add(BPF_STMT(BPF_RET | BPF_K, answer(error))); }

void fail(const char* what) {
  fprintf(stderr, "refuse_calls: %s: %s\n", what, strerror(errno));
  exit(125);
}

}  // namespace

int main(int count, char** words) {
  int at = 2;
  load(offsetof(seccomp_data, arch));
  // System calls of another architecture have other numbers.
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  give(EPERM);
  load(offsetof(seccomp_data, nr));
  for (; at < count && strcmp(words[at], "--") != 0; at++) {
    unsigned number = 0;
    unsigned error = 0;
    if (sscanf(words[at], "%u=%u", &number, &error) != 2) {
      fprintf(stderr, "refuse_calls: '%s' is not NUMBER=ERRNO\n", words[at]);
      return 125;
    }
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    give(error);
  }
  if (at + 1 >= count) {
    fprintf(stderr, "usage: refuse_calls DEFAULT_ERRNO NUMBER=ERRNO... -- PROGRAM ARGUMENT...\n");
    return 125;
  }
  give(static_cast<unsigned>(atoi(words[1])));

  const sock_fprog program = {length, filter};
  // With no_new_privs, every process may set a filter.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("no_new_privs");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) fail("seccomp");
  execvp(words[at + 1], words + at + 1);
  fail(words[at + 1]);
}

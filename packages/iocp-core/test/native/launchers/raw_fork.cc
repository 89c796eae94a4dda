// fork(2) without exec, which Node.js does not offer but native code can do. For one test.

#include <node_api.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

namespace {

napi_value number(napi_env env, int32_t value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}

// Returns the process id of the child, which also returns to JavaScript.
napi_value fork_here(napi_env env, napi_callback_info) { return number(env, fork()); }

// Returns the process id of the child, which ends immediately, without the usual clean-up of a process.
napi_value fork_and_leave(napi_env env, napi_callback_info) {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  return number(env, pid);
}

// (pid): returns the signal that ended the child, or 0 if it exited by itself.
napi_value wait_for(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = nullptr;
  int32_t pid = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_int32(env, argument, &pid);
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return number(env, -1);
  return number(env, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

}  // namespace

NAPI_MODULE_INIT() {
  struct Named {
    const char* name;
    napi_callback call;
  };
  for (const Named& named : {Named{"fork", fork_here}, Named{"forkAndLeave", fork_and_leave},
                             Named{"wait", wait_for}}) {
    napi_value function = nullptr;
    napi_create_function(env, named.name, NAPI_AUTO_LENGTH, named.call, nullptr, &function);
    napi_set_named_property(env, exports, named.name, function);
  }
  return exports;
}

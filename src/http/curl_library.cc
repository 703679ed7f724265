#include "http/detail/curl_library.h"

#include <string>

#include <dlfcn.h>

#include "base/assert.h"

namespace millrace::http::detail {
namespace {

constexpr const char* kName = "libcurl.so.4";

template <class Function>
void find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  MR_ASSERT(function != nullptr, "{} has no {}", kName, name);
}

CurlLibrary open_library() {
  CurlLibrary library;
  void* const handle = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps one text a thread
  const char* const problem = handle == nullptr ? dlerror() : "";
  MR_ASSERT(handle != nullptr, "{}; install it: apt-get install libcurl4", problem);
  decltype(&::curl_global_init) global_init = nullptr;
  find(handle, "curl_global_init", global_init);
  global_init(CURL_GLOBAL_DEFAULT);
  find(handle, "curl_easy_init", library.easy_init);
  find(handle, "curl_easy_cleanup", library.easy_cleanup);
  find(handle, "curl_easy_reset", library.easy_reset);
  find(handle, "curl_easy_setopt", library.easy_setopt);
  find(handle, "curl_easy_getinfo", library.easy_getinfo);
  find(handle, "curl_easy_strerror", library.easy_strerror);
  find(handle, "curl_multi_init", library.multi_init);
  find(handle, "curl_multi_cleanup", library.multi_cleanup);
  find(handle, "curl_multi_add_handle", library.multi_add_handle);
  find(handle, "curl_multi_remove_handle", library.multi_remove_handle);
  find(handle, "curl_multi_perform", library.multi_perform);
  find(handle, "curl_multi_poll", library.multi_poll);
  find(handle, "curl_multi_wakeup", library.multi_wakeup);
  find(handle, "curl_multi_info_read", library.multi_info_read);
  find(handle, "curl_slist_append", library.slist_append);
  find(handle, "curl_slist_free_all", library.slist_free_all);
  find(handle, "curl_url", library.url);
  find(handle, "curl_url_cleanup", library.url_cleanup);
  find(handle, "curl_url_get", library.url_get);
  find(handle, "curl_url_set", library.url_set);
  find(handle, "curl_free", library.free);
  find(handle, "curl_getdate", library.getdate);
  return library;
}

}  // namespace

const CurlLibrary& curl() {
  static const CurlLibrary kLibrary = open_library();
  return kLibrary;
}

}  // namespace millrace::http::detail

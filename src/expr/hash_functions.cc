// Digests and hashes of rows.
#include <memory>

#include <openssl/evp.h>
#include <zlib.h>

#include "base/bytes.h"
#include "data/row_hash.h"
#include "expr/families.h"
#include "expr/kernels.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using enum data::TypeKind;
using Text = std::string_view;

std::string digest_of(const EVP_MD* algorithm, Text bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, algorithm, nullptr) != 1) {
    return {};
  }
  return to_hex({reinterpret_cast<const char*>(digest), size});
}

std::string md5(Row&, Text bytes) {
  return digest_of(EVP_md5(), bytes);
}

std::string sha1(Row&, Text bytes) {
  return digest_of(EVP_sha1(), bytes);
}

std::string sha2(Row& row, Text bytes, std::int32_t bits) {
  switch (bits) {
    case 224:
      return digest_of(EVP_sha224(), bytes);
    case 0:
    case 256:
      return digest_of(EVP_sha256(), bytes);
    case 384:
      return digest_of(EVP_sha384(), bytes);
    case 512:
      return digest_of(EVP_sha512(), bytes);
    default:
      row.set_null();
      return {};
  }
}

std::int64_t crc32_of(Row&, Text bytes) {
  return static_cast<std::int64_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

data::ColumnPtr hash_kernel(const KernelInput& in) {
  ResultWriter<std::int32_t> result(in);
  in.rows.for_each([&](std::size_t row) { result.set(row, data::hash_row(in.args, row)); });
  return result.finish();
}

data::ColumnPtr xxhash64_kernel(const KernelInput& in) {
  ResultWriter<std::int64_t> result(in);
  in.rows.for_each([&](std::size_t row) { result.set(row, data::xxhash64_row(in.args, row)); });
  return result.finish();
}

template <Kernel kKernel, TypeKind kResult>
std::optional<Resolution> resolve_row_hash(CallSite& call) {
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (!data::is_hashable(call.type(i))) {
      return call.fail("DATATYPE_MISMATCH.HASH_MAP_TYPE",
                       "42K09",
                       std::string(call.name()) +
                           " cannot hash MAP or VARIANT values: " + call.type(i).to_sql());
    }
  }
  return Resolution{.type = Type(kResult), .nullable = false, .kernel = kKernel};
}

constexpr Function kHashFunctions[] = {
    {"md5",
     1,
     1,
     resolve_fixed<kRowKernel<md5>, kString, kBinary>,
     true,
     "md5(bin) - the MD5 digest in hexadecimal"},
    {"sha", 1, 1, resolve_fixed<kRowKernel<sha1>, kString, kBinary>, true, "sha(bin) - as sha1"},
    {"sha1",
     1,
     1,
     resolve_fixed<kRowKernel<sha1>, kString, kBinary>,
     true,
     "sha1(bin) - the SHA-1 digest in hexadecimal"},
    {"sha2",
     2,
     2,
     resolve_nullable<kRowKernel<sha2>, kString, kBinary, kInt>,
     true,
     "sha2(bin, bits) - the SHA-2 digest of 224, 256, 384 or 512 bits in hexadecimal"},
    {"crc32",
     1,
     1,
     resolve_fixed<kRowKernel<crc32_of>, kBigInt, kBinary>,
     true,
     "crc32(bin) - the CRC-32"},
    {"hash",
     1,
     -1,
     resolve_row_hash<hash_kernel, kInt>,
     true,
     "hash(expr …) - Spark's Murmur3 hash of the values"},
    {"xxhash64",
     1,
     -1,
     resolve_row_hash<xxhash64_kernel, kBigInt>,
     true,
     "xxhash64(expr …) - the XXH64 hash of the values"},
};

}  // namespace

std::span<const Function> hash_functions() {
  return kHashFunctions;
}

}  // namespace millrace::expr

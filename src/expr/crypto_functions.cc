// AES, as Spark has it: GCM (the default), CBC and ECB, keys of 16, 24 and 32 bytes.
//
// The result begins with the initialization vector: GCM 12 bytes, the text, a tag of 16 bytes; CBC
// 16 bytes and the padded text; ECB the padded text alone. A vector that is not given is random,
// and a function of the record (record_random.h).
#include <algorithm>
#include <cstring>
#include <memory>

#include <openssl/evp.h>

#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/record_random.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using enum data::TypeKind;
using Text = std::string_view;

enum class Mode : std::uint8_t {
  kNone,
  kGcm,
  kCbc,
  kEcb
};

constexpr std::size_t kTagBytes = 16;

/// One call on one row. Immutable by use.
struct Cipher {
  Mode mode = Mode::kNone;
  Text key;
  Text aad;
  EvalError error = EvalError::kNone;

  [[nodiscard]] std::size_t iv_bytes() const {
    if (mode == Mode::kGcm) {
      return 12;
    }
    return mode == Mode::kCbc ? 16 : 0;
  }

  [[nodiscard]] const EVP_CIPHER* algorithm() const {
    const auto of_size =
        [&](const EVP_CIPHER* aes128, const EVP_CIPHER* aes192, const EVP_CIPHER* aes256) {
          if (key.size() == 16) {
            return aes128;
          }
          return key.size() == 24 ? aes192 : aes256;
        };
    switch (mode) {
      case Mode::kGcm:
        return of_size(EVP_aes_128_gcm(), EVP_aes_192_gcm(), EVP_aes_256_gcm());
      case Mode::kCbc:
        return of_size(EVP_aes_128_cbc(), EVP_aes_192_cbc(), EVP_aes_256_cbc());
      case Mode::kEcb:
      case Mode::kNone:
        break;
    }
    return of_size(EVP_aes_128_ecb(), EVP_aes_192_ecb(), EVP_aes_256_ecb());
  }
};

std::string upper_word(Text text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
  });
  return out;
}

Mode mode_of(Text mode_text, Text padding_text) {
  const std::string mode = upper_word(mode_text);
  const std::string padding = upper_word(padding_text);
  if (mode == "GCM" && (padding == "DEFAULT" || padding == "NONE")) {
    return Mode::kGcm;
  }
  const bool padded = padding == "DEFAULT" || padding == "PKCS";
  if (mode == "CBC" && padded) {
    return Mode::kCbc;
  }
  return mode == "ECB" && padded ? Mode::kEcb : Mode::kNone;
}

const unsigned char* bytes_of(Text text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// Runs the cipher; false for a wrong key, tag or padding.
bool run(
    const Cipher& cipher, bool encrypt, Text iv, Text input, std::string& tag, std::string& out) {
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  if (!context || EVP_CipherInit_ex(context.get(),
                                    cipher.algorithm(),
                                    nullptr,
                                    bytes_of(cipher.key),
                                    iv.empty() ? nullptr : bytes_of(iv),
                                    encrypt ? 1 : 0) != 1) {
    return false;
  }
  const bool gcm = cipher.mode == Mode::kGcm;
  if (gcm && !encrypt &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1) {
    return false;
  }
  if (!cipher.aad.empty() && EVP_CipherUpdate(context.get(),
                                              nullptr,
                                              &size,
                                              bytes_of(cipher.aad),
                                              static_cast<int>(cipher.aad.size())) != 1) {
    return false;
  }
  out.resize(input.size() + 16);
  auto* into = reinterpret_cast<unsigned char*>(out.data());
  if (EVP_CipherUpdate(
          context.get(), into, &size, bytes_of(input), static_cast<int>(input.size())) != 1) {
    return false;
  }
  int rest = 0;
  if (EVP_CipherFinal_ex(context.get(), into + size, &rest) != 1) {
    return false;
  }
  out.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(rest));
  if (gcm && encrypt) {
    tag.resize(kTagBytes);
    return EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  }
  return true;
}

// Argument `index` of a row; `otherwise` where the call has none. Nothing when it is null.
std::optional<Text> text_at(const KernelInput& in,
                            std::size_t index,
                            std::size_t row,
                            Text otherwise) {
  if (index >= in.args.size()) {
    return otherwise;
  }
  return in.args[index]->is_null(row) ? std::optional<Text>() : in.args[index]->string(row);
}

Cipher cipher_of(Text key, Text mode, Text padding, Text aad) {
  Cipher cipher{.mode = mode_of(mode, padding), .key = key, .aad = aad};
  if (key.size() != 16 && key.size() != 24 && key.size() != 32) {
    cipher.error = EvalError::kAesKeyLength;
  } else if (cipher.mode == Mode::kNone || (!aad.empty() && cipher.mode != Mode::kGcm)) {
    cipher.error = EvalError::kAesMode;
  }
  return cipher;
}

// 16 random bytes of the row.
std::string random_iv(RecordRandom& random, std::size_t row) {
  const Hash128 bits = random.at(row);
  std::string iv(16, '\0');
  std::memcpy(iv.data(), &bits.high, 8);
  std::memcpy(iv.data() + 8, &bits.low, 8);
  return iv;
}

// Gives the row's text; a value of a row that fails, or where an argument is null, is unspecified.
template <class F>
data::ColumnPtr map_cipher(const KernelInput& in, std::size_t aad_index, const F& f) {
  ResultWriter<std::string> result(in);
  Row row(in);
  in.rows.for_each([&](std::size_t index) {
    row.begin(index);
    const auto input = text_at(in, 0, index, "");
    const auto key = text_at(in, 1, index, "");
    const auto mode = text_at(in, 2, index, "GCM");
    const auto padding = text_at(in, 3, index, "DEFAULT");
    const auto aad = text_at(in, aad_index, index, "");
    std::string out;
    if (!input || !key || !mode || !padding || !aad) {
      row.set_null();
    } else if (const Cipher cipher = cipher_of(*key, *mode, *padding, *aad);
               cipher.error != EvalError::kNone) {
      row.fail(cipher.error);
    } else {
      f(row, cipher, *input, out);
    }
    if (row.is_null()) {
      result.set_null(index);
    } else {
      result.set(index, out);
    }
  });
  return result.finish();
}

data::ColumnPtr encrypt_kernel(const KernelInput& in) {
  RecordRandom random(in);
  return map_cipher(in, 5, [&](Row& row, const Cipher& cipher, Text input, std::string& out) {
    std::string iv(text_at(in, 4, row.index(), "").value_or(""));
    if (!iv.empty() && cipher.mode == Mode::kEcb) {
      return row.fail(EvalError::kAesMode);
    }
    if (!iv.empty() && iv.size() != cipher.iv_bytes()) {
      return row.fail(EvalError::kAesIvLength);
    }
    if (iv.empty()) {
      iv = random_iv(random, row.index()).substr(0, cipher.iv_bytes());
    }
    std::string tag;
    std::string text;
    if (!run(cipher, /*encrypt=*/true, iv, input, tag, text)) {
      return row.fail(EvalError::kAesCryptoError);
    }
    out = iv + text + tag;
  });
}

template <bool kTry>
data::ColumnPtr decrypt_kernel(const KernelInput& in) {
  return map_cipher(in, 4, [&](Row& row, const Cipher& cipher, Text input, std::string& out) {
    const std::size_t tag_bytes = cipher.mode == Mode::kGcm ? kTagBytes : 0;
    bool good = input.size() >= cipher.iv_bytes() + tag_bytes;
    if (good) {
      std::string tag(input.substr(input.size() - tag_bytes));
      const Text body =
          input.substr(cipher.iv_bytes(), input.size() - cipher.iv_bytes() - tag_bytes);
      good = run(cipher, /*encrypt=*/false, input.substr(0, cipher.iv_bytes()), body, tag, out);
    }
    if (!good && kTry) {
      row.set_null();
    } else if (!good) {
      row.fail(EvalError::kAesCryptoError);
    }
  });
}

// The texts are BINARY (a STRING has its bytes), mode and padding STRING.
bool cast_arguments(CallSite& call) {
  bool ok = true;
  for (std::size_t index = 0; index < call.count(); ++index) {
    ok = call.cast(index, Type(index == 2 || index == 3 ? kString : kBinary)) && ok;
  }
  return ok;
}

std::optional<Resolution> resolve_encrypt(CallSite& call) {
  if (!cast_arguments(call)) {
    return std::nullopt;
  }
  constexpr std::size_t kNoSeed = 100;
  return Resolution{.type = Type(kBinary),
                    .nullable = call.any_nullable(),
                    .kernel = encrypt_kernel,
                    .data = random_site(call, kNoSeed)};
}

template <bool kTry>
std::optional<Resolution> resolve_decrypt(CallSite& call) {
  if (!cast_arguments(call)) {
    return std::nullopt;
  }
  return Resolution{.type = Type(kBinary),
                    .nullable = kTry || call.any_nullable(),
                    .kernel = decrypt_kernel<kTry>};
}

constexpr Function kCryptoFunctions[] = {
    {"aes_encrypt",
     2,
     6,
     resolve_encrypt,
     false,
     "aes_encrypt(bin, key[, mode[, padding[, iv[, aad]]]]) - GCM, CBC or ECB",
     false},
    {"aes_decrypt",
     2,
     5,
     resolve_decrypt<false>,
     true,
     "aes_decrypt(bin, key[, mode[, padding[, aad]]]) - what aes_encrypt made"},
    {"try_aes_decrypt",
     2,
     5,
     resolve_decrypt<true>,
     true,
     "try_aes_decrypt(bin, key[, mode[, padding[, aad]]]) - NULL for what cannot be decrypted"},
};

}  // namespace

std::span<const Function> crypto_functions() {
  return kCryptoFunctions;
}

}  // namespace millrace::expr

// The socket of one client: bytes to frames, answers to bytes, and the clocks of both.
//
// Reading. When bytes are there they are received into a buffer that belongs to the loop, so that a
// silent connection costs no memory; the rest of a large request goes straight into its Block.
// Reading pauses while the pipeline wants no more frames or the memory budget is used up, and goes
// on when that changes; nothing is dropped.
//
// Writing. Answers are gathered from their slices (the log's own Blocks among them) by one sendmsg.
//
// Time. A connection is closed when it is silent for too long, when a request that has begun does
// not arrive, or when a client does not take its answers. A client that has closed its side of the
// connection still gets the answers to what it has sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "broker/detail/frame_reader.h"
#include "broker/detail/loop_inbox.h"
#include "broker/detail/pipeline.h"

namespace millrace::broker {

class ConnectionLoop;
class RequestMetrics;

/// Times are nanoseconds.
struct ConnectionLimits {
  std::size_t request_bytes_max = 100U << 20U;
  std::int64_t idle_ns = 600'000'000'000;
  /// For a request that has begun, and one second more for each MiB of it.
  std::int64_t frame_ns = 30'000'000'000;
  /// While others wait for the memory that it has taken.
  std::int64_t frame_pressed_ns = 5'000'000'000;
  std::int64_t write_ns = 30'000'000'000;  ///< Without any progress.
  /// For answers to a client that has closed its side.
  std::int64_t half_closed_ns = 10'000'000'000;
  PipelineLimits pipeline = {};
};

/// Something that is counted as long as the connection is open.
struct ConnectionTicket {
  ConnectionTicket() = default;
  ConnectionTicket(const ConnectionTicket&) = delete;
  ConnectionTicket& operator=(const ConnectionTicket&) = delete;
  virtual ~ConnectionTicket() = default;
};

/// Owned by one thread: that of its loop.
class Connection final : public PipelineOwner,
                         public InboxItem,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(ConnectionLoop& loop,
             boost::asio::ip::tcp::socket socket,
             Peer peer,
             std::unique_ptr<ConnectionTicket> ticket);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  void start();

  void pipeline_changed() override;

  /// Sends what the pipeline has, once for all answers that came together.
  void arrive() override;

  /// Closes it when some time has run out.
  void check_times(std::int64_t now_ns);

  /// Reads no more; closes as soon as nothing but long polls is under way.
  void wind_down();

  void close();

 private:
  enum class ReadOutcome : std::uint8_t {
    kMore,
    kDrained,
    kStop  ///< Paused, ended or closed.
  };

  [[nodiscard]] bool may_read() const;
  void arm_read();
  void arm_write();
  void on_readable();
  ReadOutcome read_some();
  void take_frames(FrameReader::Outcome outcome);
  void wait_for_memory();
  void on_memory();
  bool try_resume();
  void on_end();
  void flush();
  /// False when the socket takes no more, or is gone.
  bool write_some();
  void close_if_over();
  void check_unread_end(std::int64_t now_ns);
  void give_up(const char* reason);

  friend struct MemoryCall;

  ConnectionLoop& loop_;
  boost::asio::ip::tcp::socket socket_;
  FrameReader reader_;
  // Shared with answers that are under way, which may come after the connection's end.
  std::shared_ptr<Pipeline> pipeline_;
  std::unique_ptr<ConnectionTicket> ticket_;
  std::vector<RequestFrame> frames_;  // Empty between two calls; keeps its memory.
  std::int64_t moved_ns_ = 0;         // Last byte in either direction.
  std::int64_t frame_begun_ns_ = 0;
  std::int64_t write_moved_ns_ = 0;
  std::int64_t ended_ns_ = 0;  // When the client closed its side.
  bool reading_ = false;       // A wait for readability is under way.
  bool writing_ = false;
  bool waits_for_memory_ = false;
  bool changed_ = false;  // arrive() is to come.
  bool ended_ = false;
  bool winding_down_ = false;
  bool closed_ = false;
};

}  // namespace millrace::broker

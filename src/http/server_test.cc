#include "http/server.h"

#include <array>
#include <atomic>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/thread.h"
#include "http/client.h"
#include "io/event_loop.h"

namespace millrace::http {
namespace {

/// A socket that a test writes to and reads from by hand.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port, int receive_buffer = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }

  explicit RawSocket(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }

  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  ~RawSocket() { ::close(socket_); }

  bool send(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  /// What comes until the other end closes, or until `until` is in it; at most 5 s.
  std::string receive(std::string_view until = "\xff\xff") {
    std::string all;
    std::array<char, 65536> chunk{};
    while (all.find(until) == std::string::npos) {
      pollfd watched{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&watched, 1, 5'000) <= 0) {
        return all + "<timeout>";
      }
      const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
      if (got <= 0) {
        closed_ = true;
        return all;
      }
      all.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

  [[nodiscard]] bool closed() const { return closed_; }

 private:
  int socket_;
  bool closed_ = false;
};

/// A server with a loop in a thread, and the routes that the tests need.
class ServerTest : public testing::Test {
 protected:
  void TearDown() override {
    server_.reset();
    loop_.stop();
  }

  void start(ServerOptions options = {}) {
    if (options.address.empty()) {
      options.address = "127.0.0.1:0";
    }
    loop_.start("http");
    server_ = MUST(Server::listen(loop_, std::move(options), routes()));
  }

  Router routes() {
    Router router;
    router.add("GET", "/hello/{name}", [](const Request& request, const Responder& responder) {
      responder.send({.content_type = "text/plain",
                      .body = "hello " + std::string(request.path_parameter("name")),
                      .headers = {{"X-Bad", "a\r\nSet-Cookie: b"}}});
    });
    router.add("POST",
               "/echo",
               [](Request request, const Responder& responder) {
                 responder.send({.content_type = {}, .body = std::move(request.body)});
               },
               {.body_bytes_max = 2'000'000});
    router.add("GET", "/forget", [](const Request&, const Responder&) {});
    router.add("GET", "/later", [this](const Request&, const Responder& responder) {
      later_ = Thread("later", [responder](const std::stop_token& stop) {
        Wakeup never;
        never.wait(50'000'000, stop);
        responder.send({.body = "1"});
        responder.send({.body = "2"});
      });
    });
    router.add("GET", "/events", [this](const Request&, const Responder& responder) {
      stream_.emplace(responder.start_stream({.queue_bytes_max = 100'000}));
      opened_.notify();
    });
    return router;
  }

  RawSocket connect(int receive_buffer = 0) { return RawSocket(server_->port(), receive_buffer); }

  std::string exchange(std::string_view bytes) {
    RawSocket socket = connect();
    EXPECT_TRUE(socket.send(bytes));
    socket.end_sending();
    return socket.receive();
  }

  std::string url(std::string_view path) {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + std::string(path);
  }

  /// Waits until the server has so many connections.
  bool settles_at(std::size_t connections) {
    Wakeup never;
    for (int i = 0; i < 200 && server_->connections() != connections; ++i) {
      never.wait(10'000'000);
    }
    return server_->connections() == connections;
  }

  io::EventLoop loop_;
  std::unique_ptr<Server> server_;
  Thread later_;
  std::optional<Stream> stream_;
  Wakeup opened_;
};

TEST_F(ServerTest, answers_and_keeps_the_connection) {
  start();
  const SystemClock clock;
  Client client(clock);
  for (int i = 0; i < 3; ++i) {
    const FetchReply reply = client.fetch({.url = url("/hello/w%C3%B6rld?x=1")}, {});
    EXPECT_EQ(reply.status, 200) << reply.problem;
    EXPECT_EQ(reply.body, "hello wörld");
    EXPECT_EQ(reply.header("content-type"), "text/plain");
    EXPECT_EQ(reply.header("set-cookie"), "");
  }
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(ServerTest, answers_pipelined_requests_in_order) {
  start();
  const std::string answers = exchange(
      "GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: "
      "3\r\n\r\nabcGET /hello/c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::size_t first = answers.find("hello a");
  const std::size_t second = answers.find("abc");
  const std::size_t third = answers.find("hello c");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos) << answers;
}

TEST_F(ServerTest, answers_head_without_a_body) {
  start();
  const std::string answer = exchange("HEAD /hello/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 7\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(ServerTest, speaks_http_1_0) {
  start();
  const std::string answer = exchange("GET /hello/a HTTP/1.0\r\n\r\n");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("hello a"));
}

TEST_F(ServerTest, says_what_is_wrong_with_a_request) {
  start();
  const auto status = [this](std::string_view request) {
    return exchange(request).substr(0, 12);
  };
  EXPECT_EQ(status("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 404");
  EXPECT_EQ(status("GET /hello/a HTTP/1.1\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status("GET hello HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status("\x16\x03\x01 hello\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000001\r\n\r\n"),
            "HTTP/1.1 413");
  EXPECT_EQ(status("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            "HTTP/1.1 400");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n"),
            "HTTP/1.1 431");
  const std::string refused = exchange("DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 405"));
  EXPECT_NE(refused.find("allow: POST"), std::string::npos) << refused;
}

TEST_F(ServerTest, delivers_a_refusal_while_the_client_is_still_sending) {
  start();
  RawSocket socket = connect();
  ASSERT_TRUE(socket.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"));
  ASSERT_TRUE(socket.send(std::string(500'000, 'x')));
  EXPECT_TRUE(socket.receive().starts_with("HTTP/1.1 413"));
}

TEST_F(ServerTest, limits_a_chunked_body) {
  start();
  std::string request = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 30; ++i) {
    request += "186a0\r\n" + std::string(100'000, 'y') + "\r\n";
  }
  EXPECT_TRUE(exchange(request + "0\r\n\r\n").starts_with("HTTP/1.1 413"));
}

TEST_F(ServerTest, takes_a_large_body_after_100_continue) {
  start();
  RawSocket socket = connect();
  ASSERT_TRUE(
      socket.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1500000\r\nExpect: "
                  "100-continue\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(socket.receive("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  std::string body(1'500'000, 'b');
  std::atomic<bool> sent = false;
  Thread sender("sender", [&](const std::stop_token&) { sent = socket.send(body); });
  sender.join();
  EXPECT_TRUE(sent);
  EXPECT_TRUE(socket.receive().ends_with(body));
}

TEST_F(ServerTest, drops_clients_that_send_a_header_too_slowly) {
  start({.header_timeout_ms = 200});
  RawSocket slow = connect();
  ASSERT_TRUE(slow.send("GET /hello/a HTT"));
  EXPECT_EQ(slow.receive(), "");
  EXPECT_TRUE(slow.closed());
  RawSocket silent = connect();
  EXPECT_EQ(silent.receive(), "");
  EXPECT_TRUE(settles_at(0));
}

TEST_F(ServerTest, drops_clients_that_send_a_body_too_slowly_or_nothing_more) {
  start({.idle_timeout_ms = 150, .body_timeout_ms = 150});
  RawSocket slow = connect();
  ASSERT_TRUE(slow.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(slow.receive(), "");
  EXPECT_TRUE(slow.closed());
  RawSocket idle = connect();
  ASSERT_TRUE(idle.send("GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_TRUE(idle.receive().ends_with("hello a"));
  EXPECT_TRUE(idle.closed());
}

TEST_F(ServerTest, takes_no_more_connections_than_allowed) {
  start({.connections_max = 3});
  RawSocket first = connect();
  RawSocket second = connect();
  RawSocket third = connect();
  ASSERT_TRUE(settles_at(3));
  RawSocket fourth = connect();
  EXPECT_EQ(fourth.receive(), "");
  ASSERT_TRUE(first.send("GET /hello/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(first.receive().ends_with("hello a"));
}

TEST_F(ServerTest, takes_answers_from_other_threads_once) {
  start();
  const SystemClock clock;
  Client client(clock);
  EXPECT_EQ(client.fetch({.url = url("/later")}, {}).body, "1");
  EXPECT_EQ(client.fetch({.url = url("/later")}, {}).body, "1");
}

TEST_F(ServerTest, answers_500_when_a_handler_forgets) {
  start();
  const SystemClock clock;
  Client client(clock);
  EXPECT_EQ(client.fetch({.url = url("/forget")}, {}).status, 500);
}

TEST_F(ServerTest, streams_events) {
  start();
  RawSocket socket = connect();
  ASSERT_TRUE(socket.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_NE(socket.receive("\r\n\r\n").find("text/event-stream"), std::string::npos);
  ASSERT_TRUE(opened_.wait(5'000'000'000));
  EXPECT_TRUE(stream_->push(server_sent_event("", "one")));
  EXPECT_NE(socket.receive("\n\n").find("data: one\n\n"), std::string::npos);
  EXPECT_TRUE(stream_->push("two"));
  stream_->close();
  EXPECT_FALSE(stream_->push("three"));
  const std::string rest = socket.receive();
  EXPECT_TRUE(rest.ends_with("3\r\ntwo\r\n0\r\n\r\n")) << rest;
}

TEST_F(ServerTest, notices_that_the_reader_of_a_stream_went) {
  start();
  {
    RawSocket socket = connect();
    ASSERT_TRUE(socket.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"));
    ASSERT_TRUE(opened_.wait(5'000'000'000));
    EXPECT_TRUE(stream_->is_open());
  }
  EXPECT_TRUE(settles_at(0));
  EXPECT_FALSE(stream_->is_open());
  EXPECT_FALSE(stream_->push("x"));
}

TEST_F(ServerTest, drops_the_reader_of_a_stream_that_does_not_read) {
  start();
  RawSocket socket = connect(/*receive_buffer=*/4096);
  ASSERT_TRUE(socket.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(opened_.wait(5'000'000'000));
  const std::string event = server_sent_event("", std::string(50'000, 'e'));
  Wakeup never;
  int pushed = 0;
  while (pushed < 2'000 && stream_->push(event)) {
    ++pushed;
    never.wait(1'000'000);
  }
  EXPECT_LT(pushed, 2'000);
  EXPECT_FALSE(stream_->is_open());
  EXPECT_TRUE(settles_at(0));
}

TEST_F(ServerTest, stops_within_a_second_with_requests_and_streams_open) {
  start();
  RawSocket stream = connect();
  ASSERT_TRUE(stream.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(opened_.wait(5'000'000'000));
  RawSocket idle = connect();
  RawSocket under_way = connect();
  ASSERT_TRUE(under_way.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(settles_at(3));
  const SystemClock clock;
  Wakeup never;
  never.wait(10'000'000);
  const std::int64_t start_ns = clock.monotonic_ns();
  server_.reset();
  EXPECT_LT(clock.monotonic_ns() - start_ns, 1'000'000'000);
  EXPECT_TRUE(under_way.receive().ends_with("1"));
  EXPECT_EQ(idle.receive(), "");
  EXPECT_FALSE(stream_->push("x"));
}

TEST_F(ServerTest, listens_on_a_unix_socket_and_replaces_a_stale_one) {
  const std::string path = testing::TempDir() + "mr_http_test_" + std::to_string(::getpid());
  start({.address = "unix:" + path});
  RawSocket socket(path);
  ASSERT_TRUE(socket.send("GET /hello/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(socket.receive().ends_with("hello a"));
  const auto second = Server::listen(loop_, {.address = "unix:" + path}, Router());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
  server_.reset();
  EXPECT_NE(::access(path.c_str(), F_OK), 0);

  // What a killed process leaves behind.
  const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(stale);
  EXPECT_TRUE(Server::listen(loop_, {.address = "unix:" + path}, Router()));
}

TEST_F(ServerTest, says_when_an_address_is_taken_or_none) {
  start();
  const std::string taken = "127.0.0.1:" + std::to_string(server_->port());
  const auto second = Server::listen(loop_, {.address = taken}, Router());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
  for (const std::string_view address : {"nowhere", "no.such.host:80", "127.0.0.1:99999"}) {
    const auto refused = Server::listen(loop_, {.address = std::string(address)}, Router());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST_F(ServerTest, serves_many_clients_at_once) {
  start();
  constexpr int kThreads = 8;
  std::atomic<int> good = 0;
  {
    std::vector<Thread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back("client", [&](const std::stop_token&) {
        const SystemClock clock;
        Client client(clock);
        for (int i = 0; i < 50; ++i) {
          good += client.fetch({.url = url("/hello/x")}, {}).body == "hello x" ? 1 : 0;
        }
      });
    }
    for (Thread& thread : threads) {
      thread.join();
    }
  }
  EXPECT_EQ(good, kThreads * 50);
}

}  // namespace
}  // namespace millrace::http

// What an interactive query can name, and how its rows are read.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "exec/query.h"
#include "plan/catalog.h"
#include "server/sql_session.h"

namespace millrace::server::detail {

/// Tables and views of the project; tables that tables.db has; views of the session; topics; files.
/// Owned by one thread.
class SessionCatalog final : public plan::RelationResolver {
 public:
  explicit SessionCatalog(const SqlWorld& world);

  std::shared_ptr<const plan::Relation> resolve(const std::vector<std::string>& parts,
                                                const SourceSpan& where,
                                                Diagnostics& diagnostics) override;
  [[nodiscard]] std::vector<std::string> names() const override;

  /// CREATE TEMPORARY VIEW: for the statements that follow. Replaces one of the same name.
  void add_view(std::shared_ptr<const plan::Relation> view);

  /// Tables and views with their kind, by name: SHOW TABLES.
  [[nodiscard]] std::vector<std::shared_ptr<const plan::Relation>> tables() const;

 private:
  [[nodiscard]] std::shared_ptr<const plan::Relation> find_topic(const std::string& name) const;

  const SqlWorld& world_;
  std::map<std::string, std::shared_ptr<const plan::Relation>> views_;   // By lower-case name.
  std::map<std::string, std::shared_ptr<const plan::Relation>> stored_;  // tables.db's, likewise.
};

/// Reads tables from tables.db, topics from the log, files. Thread-safe.
class SessionTables final : public exec::TableProvider {
 public:
  explicit SessionTables(const SqlWorld& world) : world_(world) {}

  Result<std::unique_ptr<exec::BatchSource>> open(const plan::Scan& scan) override;

 private:
  const SqlWorld& world_;
};

/// The tables that tables.db says it holds; none when there is no such file.
Result<std::vector<std::shared_ptr<const plan::Relation>>> stored_tables(const std::string& path);

/// json, csv or text files: their schema is inferred. `path` may have * and ? in its last part, or
/// be a folder. Null after a Diagnostic.
std::shared_ptr<const plan::Relation> file_relation(const SqlWorld& world,
                                                    const std::string& format,
                                                    const std::string& path,
                                                    const SourceSpan& where,
                                                    Diagnostics& diagnostics);
Result<std::unique_ptr<exec::BatchSource>> open_files(const SqlWorld& world,
                                                      const plan::Scan& scan);

/// The plan as a tree, an operator a line, as EXPLAIN shows it.
std::string plan_to_text(const plan::Node& node);

}  // namespace millrace::server::detail

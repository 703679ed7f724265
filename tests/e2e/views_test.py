"""Materialized views: a view with GROUP BY over a streaming table, a view on that view."""
import collections
import contextlib
import json
import random
import signal
import sqlite3
import time

from millrace_e2e import Case, main

SOURCE = ("CREATE TABLE orders (id INT, shop STRING, cents INT) USING json "
          "OPTIONS ('path' = 'orders', 'settleTime' = '0 s');\n")
TABLES = """
CREATE STREAMING TABLE all_orders TBLPROPERTIES ('millrace.key' = 'id') AS
SELECT id, shop, cents FROM STREAM orders;
CREATE MATERIALIZED VIEW by_shop
TBLPROPERTIES ('millrace.key' = 'shop', 'millrace.refresh.interval' = '50 ms') AS
SELECT shop, count(*) AS orders, sum(cents) AS cents FROM all_orders GROUP BY shop;
CREATE MATERIALIZED VIEW sizes TBLPROPERTIES ('millrace.refresh.interval' = '50 ms') AS
SELECT orders, count(*) AS shops FROM by_shop GROUP BY orders;
"""


class Views(Case):
    def orders(self, project, number, rows):
        project.write(f"orders/{number}.json", "".join(json.dumps(dict(zip(("id", "shop", "cents"), r))) + "\n"
                                                       for r in rows))

    def shop(self, tables=TABLES):
        project = self.project()
        project.write("sources/orders.sql", SOURCE)
        project.write("transformations/tables.sql", tables)
        return project

    def naive(self, rows):
        latest = {r[0]: r for r in rows}
        shops = collections.defaultdict(lambda: [0, 0])
        for _, shop, cents in latest.values():
            shops[shop][0] += 1
            shops[shop][1] += cents
        by_shop = sorted((shop, n, cents) for shop, (n, cents) in shops.items())
        return by_shop, sorted(collections.Counter(n for _, n, _ in by_shop).items())

    def expect(self, project, rows):
        by_shop, sizes = self.naive(rows)
        self.assertEqual(project.table("SELECT * FROM by_shop ORDER BY shop"), by_shop)
        self.assertEqual(project.table("SELECT * FROM sizes ORDER BY orders"), sizes)

    def test_views_follow_their_tables(self):
        project = self.shop()
        first = [(n, f"s{n % 7}", n * 10) for n in range(100)]
        self.orders(project, 1, first)
        done = self.succeeds(project.run("--until-caught-up"))
        self.expect(project, first)
        _, flows = self.books(done)
        self.assertEqual(flows["by_shop"]["read"], 100)
        self.assertEqual(flows["by_shop"]["accepted"], 100)
        # Orders change shop, one shop loses all: rows change and go.
        second = [(n, "s0", 1) for n in range(100) if n % 7 == 6] + [(200, "new", 5)]
        self.orders(project, 2, second)
        before = project.end_offset("by_shop")
        done = self.succeeds(project.run("--until-caught-up"))
        self.expect(project, first + second)
        self.assertEqual(self.books(done)[1]["by_shop"]["read"], 100 + len(second))
        changed = project.topic("by_shop")[before:]
        self.assertEqual({r["key"]: r["value"] and json.loads(r["value"])["orders"] for r in changed},
                         {"s0": 29, "s6": None, "new": 1})
        # tables.db is a projection.
        for file in project.data.glob("tables.db*"):
            file.unlink()
        self.succeeds(project.run("--until-caught-up"))
        self.expect(project, first + second)
        self.assertEqual(project.rows("SELECT shops FROM sizes WHERE orders = 29"), [[1]])

    def test_a_running_view_is_kept_up_to_date(self):
        project = self.shop()
        rows = [(n, f"s{n % 3}", n) for n in range(30)]
        self.orders(project, 1, rows)
        running = project.start()
        self.wait_for(lambda: project.table("SELECT count(*) FROM by_shop") == [(3,)])
        more = [(n, "s9", n) for n in range(10)]
        self.orders(project, 2, more)
        self.wait_for(lambda: project.table("SELECT * FROM by_shop ORDER BY shop") == self.naive(rows + more)[0])
        self.wait_for(lambda: project.table("SELECT * FROM sizes ORDER BY orders") == self.naive(rows + more)[1])
        self.stop(running, signal.SIGTERM)
        self.assertEqual(running.returncode, 0)

    def test_kills_leave_nothing_out_and_nothing_twice(self):
        chance = random.Random(5)
        project = self.shop()
        rows = []
        for number in range(6):
            more = [(n, f"s{n % (number + 3)}", n) for n in range(number * 300, number * 300 + 900)]
            self.orders(project, number, more)
            rows += more
            process = project.start("-q")
            time.sleep(chance.uniform(0.03, 0.5))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            with contextlib.suppress(sqlite3.Error):
                shops = project.table("SELECT sum(orders), sum(cents) FROM by_shop")
                print(f"kill {number}: {shops}")
        self.succeeds(project.run("--until-caught-up"))
        self.expect(project, rows)

    def test_a_query_that_fails_ends_a_bounded_run(self):
        project = self.shop(TABLES + "CREATE MATERIALIZED VIEW shares AS\n  SELECT shop, 100 / cents AS s FROM by_shop;\n")
        self.orders(project, 1, [(1, "a", 5), (2, "b", 0)])
        done = project.run("--until-caught-up")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("DIVIDE_BY_ZERO", done.stderr)
        self.assertIn("transformations/tables.sql:10:16", done.stderr)
        self.assertEqual(project.table("SELECT count(*) FROM shares"), [(0,)])
        self.assertEqual(project.table("SELECT count(*) FROM by_shop"), [(2,)])
        self.orders(project, 2, [(2, "b", 4)])
        self.succeeds(project.run("--until-caught-up"))
        self.assertEqual(project.table("SELECT * FROM shares ORDER BY shop"), [("a", 20.0), ("b", 25.0)])

    def test_full_refresh_makes_the_view_anew(self):
        project = self.shop()
        self.orders(project, 1, [(1, "a", 5), (2, "b", 1)])
        self.succeeds(project.run("--until-caught-up"))
        project.write("transformations/tables.sql", TABLES.replace("sum(cents) AS cents", "avg(cents) AS mean"))
        refused = project.run("--until-caught-up")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("--full-refresh by_shop", refused.stderr)
        self.succeeds(project.run("--until-caught-up", "--full-refresh", "by_shop"))
        self.assertEqual(project.table("SELECT * FROM by_shop ORDER BY shop"), [("a", 1, 5.0), ("b", 1, 1.0)])


if __name__ == "__main__":
    main()

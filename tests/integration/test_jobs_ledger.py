"""The ledger of runs and the schedules, without anybody at work: what a worker would be handed, and when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tallymark.db import Database
from tallymark.errors import BadQuestion, Conflict, UnknownJob
from tallymark.tasks import JOBS, ledger, records, schedules, standing

MakeTenant = Callable[..., int]


def ask(database: Database, job: str, tenant: int = 0, **how: Any) -> ledger.Asked:
    with records.engine(database) as conn:
        return ledger.enqueue(conn, job, tenant, trigger="command", triggered_by="test", **how)


def handed(database: Database, free: int = 1) -> list[tuple[str, int, str]]:
    """What is handed over next, as (job, tenant, key), and out of the way at once as a worker's fetch would have it."""
    with records.engine(database) as conn:
        before = {row[0] for row in conn.execute("SELECT run_id FROM job_runs WHERE queue_job IS NOT NULL")}
        ledger.hand_over(conn, free)
        rows = conn.execute(
            "SELECT run_id, job, tenant_id, key FROM job_runs WHERE queue_job IS NOT NULL ORDER BY queue_job"
        ).fetchall()
        conn.execute("UPDATE tallymark_jobs.procrastinate_jobs SET status = 'doing'")
    return [(job, tenant, key) for run_id, job, tenant, key in rows if run_id not in before]


def begin(database: Database, worker: str = "test") -> ledger.Started | None:
    """Takes up the run that was handed over last."""
    with records.engine(database) as conn:
        row = conn.execute(
            "SELECT tenant_id, run_id::text, queue_job FROM job_runs"
            " WHERE status = 'scheduled' AND queue_job IS NOT NULL ORDER BY queue_job DESC"
        ).fetchone()
        assert row is not None
        return ledger.start(conn, *row, worker)


def end(database: Database, run: ledger.Started | None, status: Any, **how: Any) -> str | None:
    assert run is not None
    with records.engine(database) as conn:
        return ledger.end(conn, run, ledger.Ended(status, **how))


def rows(database: Database, what: str) -> list[tuple[Any, ...]]:
    with records.engine(database) as conn:
        return conn.execute(f"SELECT {what} FROM job_runs ORDER BY created_at, run_id").fetchall()


def test_who_asks_while_one_waits_is_served_by_it(database: Database) -> None:
    later = ask(database, "refresh", 1, delay=60, parameters={"a": 1})
    sooner = ask(database, "refresh", 1, parameters={"b": 2})
    assert (sooner.run_id, later.joined, sooner.joined) == (later.run_id, False, True)
    assert handed(database) == [("refresh", 1, "")]
    assert rows(database, "parameters") == [({"a": 1, "b": 2},)]
    other = ask(database, "refresh", 1, key="other")
    assert not other.joined
    with pytest.raises(UnknownJob):
        ask(database, "lunch")


def test_while_one_is_under_way_one_more_waits_for_its_end(database: Database) -> None:
    ask(database, "refresh", 1)
    handed(database)
    run = begin(database)
    assert run is not None
    assert (run.job, run.attempt) == ("refresh", 1)
    assert not ask(database, "refresh", 1).joined
    assert ask(database, "refresh", 1).joined
    assert handed(database) == [], "a job that runs is never started twice"
    assert end(database, run, "completed", result={"n": 1}) == "completed"
    assert handed(database) == [("refresh", 1, "")]
    assert rows(database, "status, result") == [("completed", {"n": 1}), ("scheduled", None)]


def test_only_the_latest_start_may_tell_the_end(database: Database) -> None:
    ask(database, "refresh", 1)
    handed(database)
    lost = begin(database, "lost")
    with records.engine(database) as conn:
        assert len(ledger.reap(conn, silent=25)) == 1, "nobody by that name is there"
    assert handed(database) == [("refresh", 1, "")]
    second = begin(database, "second")
    assert end(database, lost, "completed") is None
    assert end(database, second, "completed") == "completed"
    assert rows(database, "status, worker, attempt, losses") == [("completed", "second", 1, 1)]


def test_what_fails_is_tried_again_and_ends_as_a_dead_letter(database: Database) -> None:
    ask(database, "user_growth", 1)
    pauses = []
    for attempt in range(JOBS["user_growth"].attempts):
        with records.engine(database) as conn:
            conn.execute("UPDATE job_runs SET due_at = now() WHERE status = 'scheduled'")
        handed(database)
        status = end(database, begin(database), "failed", error=f"no luck {attempt}")
        pauses += [row[0].total_seconds() for row in rows(database, "due_at - clock_timestamp()")]
    assert status == "failed"
    assert 0.5 < pauses[0] <= 2
    assert 1.5 < pauses[1] <= 4
    with records.engine(database) as conn:
        (dead,) = standing.dead_letters(conn, None)
        assert (dead.error, dead.attempt) == ("no luck 2", 3)
        ledger.retry(conn, dead.tenant_id, dead.run_id)
        with pytest.raises(Conflict):
            ledger.retry(conn, dead.tenant_id, dead.run_id)
        assert standing.dead_letters(conn, None) == []
    assert handed(database) == [("user_growth", 1, "")]


def test_a_retry_that_meets_a_newer_one_leaves_it_the_work(database: Database) -> None:
    ask(database, "refresh", 1)
    handed(database)
    run = begin(database)
    newer = ask(database, "refresh", 1)
    assert end(database, run, "failed", error="no luck") == "scheduled"
    assert [(str(run_id), status) for run_id, status in rows(database, "run_id, status")] == [
        (run.run_id if run else "", "failed"),
        (newer.run_id, "scheduled"),
    ]


def test_what_takes_its_worker_down_time_and_again_is_given_up(database: Database) -> None:
    ask(database, "refresh", 1)
    for _ in range(ledger.LOSSES + 1):
        handed(database)
        assert begin(database) is not None
        with records.engine(database) as conn:
            ledger.reap(conn, silent=25)
    assert rows(database, "status, losses") == [("failed", ledger.LOSSES + 1)]


def test_the_tenants_take_turns_whatever_one_of_them_asks_for(database: Database) -> None:
    for number in range(50):
        ask(database, "refresh", 1, key=str(number))
    for tenant in (2, 3):
        ask(database, "user_growth", tenant)
        ask(database, "top_items", tenant)
    turns = []
    for _ in range(8):
        turns += handed(database)
        end(database, begin(database), "completed")
    assert {tenant for _, tenant, _ in turns[:3]} == {1, 2, 3}
    assert [tenant for _, tenant, _ in turns].count(1) == 4
    assert {(job, tenant) for job, tenant, _ in turns if tenant > 1} == {
        (job, tenant) for job in ("user_growth", "top_items") for tenant in (2, 3)
    }


def test_one_tenant_leaves_a_hand_free_for_the_others(database: Database) -> None:
    for number in range(20):
        ask(database, "refresh", 1, key=str(number))
    assert len(handed(database, free=4)) == 3
    assert handed(database, free=1) == []
    ask(database, "cache_clean_up", 2)
    assert handed(database, free=1) == [("cache_clean_up", 2, "")]


def test_the_more_urgent_comes_first_and_who_waits_grows_more_urgent(database: Database) -> None:
    ask(database, "cache_clean_up", 1)
    ask(database, "user_growth", 2)
    ask(database, "refresh", 3)
    assert [job for job, _, _ in handed(database, free=10)] == ["refresh", "user_growth", "cache_clean_up"]
    with records.engine(database) as conn:
        conn.execute("UPDATE job_runs SET queue_job = NULL, handed_at = NULL")
        conn.execute("DELETE FROM tallymark_jobs.procrastinate_jobs")
        conn.execute("UPDATE job_runs SET due_at = now() - interval '5 minutes' WHERE job = 'cache_clean_up'")
    assert handed(database)[0][0] == "cache_clean_up"


# --- schedules


def define(database: Database) -> None:
    with records.engine(database) as conn:
        schedules.define(conn)
        schedules.tick(conn)


def tick_at(database: Database, job: str, due: str) -> int:
    """A tick that finds the job due since then."""
    with records.engine(database) as conn:
        conn.execute(
            f"UPDATE schedules SET next_at = date_trunc('second', now() - interval '{due}') WHERE job = '{job}'"
        )
        return schedules.tick(conn)


def test_the_first_tick_starts_nothing_and_knows_what_is_next(database: Database) -> None:
    define(database)
    assert rows(database, "job") == []
    with records.engine(database) as conn:
        planned = {schedule.job: schedule for schedule in schedules.schedules_of(conn, 0)}
    assert set(planned) == {name for name, job in JOBS.items() if job.clock}
    now = datetime.now(UTC)
    for schedule in planned.values():
        assert schedule.next_at == schedule.upcoming[0]
        assert now - timedelta(minutes=1) < schedule.upcoming[0] < schedule.upcoming[1] < schedule.upcoming[2]


def test_a_due_time_makes_one_run_and_is_over(database: Database) -> None:
    define(database)
    assert tick_at(database, "user_growth", "3 seconds") == 1
    with records.engine(database) as conn:
        assert schedules.tick(conn) == 0
    ((job, trigger, late),) = rows(database, "job, trigger, clock_timestamp() - scheduled_for")
    assert (job, trigger) == ("user_growth", "clock")
    assert late < timedelta(minutes=1)


def test_a_time_that_has_been_before_does_not_come_again(database: Database) -> None:
    """The clock was set back, and somebody changed the schedule."""
    define(database)
    tick_at(database, "user_growth", "3 seconds")
    with records.engine(database) as conn:
        conn.execute("UPDATE schedules s SET next_at = scheduled_for FROM job_runs r WHERE r.job = s.job")
        conn.execute("UPDATE job_runs SET status = 'completed'")
        assert schedules.tick(conn) == 0
    assert len(rows(database, "job")) == 1


MOVED = """
CREATE SCHEMA moved;
CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN current_setting('moved.at')::timestamptz;
GRANT USAGE ON SCHEMA moved TO tallymark_app
"""


def test_a_clock_that_goes_an_hour_ahead_and_back_loses_no_time_and_repeats_none(database: Database) -> None:
    with database.owner() as owner:
        owner.execute(MOVED)
    noon = datetime(2026, 3, 5, 12, tzinfo=UTC)

    def tick(minutes: float) -> None:
        with records.engine(database) as conn:
            conn.execute("UPDATE job_runs SET status = 'completed'")
            conn.execute("SET LOCAL search_path = moved, pg_catalog, tallymark")
            conn.execute("SELECT set_config('moved.at', %s, true)", (str(noon + timedelta(minutes=minutes)),))
            schedules.tick(conn)

    with records.engine(database) as conn:
        schedules.define(conn)
    for minutes in (0.1, 0.2, 60.1, 60.2, *(after + 0.3 for after in range(0, 122, 2))):
        tick(minutes)
    with records.engine(database) as conn:
        found = conn.execute(
            "SELECT job, array_agg(extract(epoch FROM scheduled_for - %s)::integer / 60 ORDER BY scheduled_for)"
            " FROM job_runs WHERE job IN ('user_growth', 'cache_refresh') GROUP BY job",
            (noon,),
        ).fetchall()
    assert dict(found) == {"user_growth": [*range(10, 130, 10)], "cache_refresh": [60, 120]}


@pytest.mark.parametrize(("job", "made"), [("user_growth", 0), ("cache_refresh", 1)])
def test_missed_times_are_skipped_or_made_up_for_once(database: Database, job: str, made: int) -> None:
    define(database)
    assert tick_at(database, job, "5 hours") == made
    with records.engine(database) as conn:
        assert schedules.tick(conn) == 0
        schedule = next(found for found in schedules.schedules_of(conn, 0) if found.job == job)
    assert schedule.next_at == schedule.upcoming[0]


def test_a_tenant_with_a_schedule_of_its_own_is_left_out_of_that_of_all(
    database: Database, make_tenant: MakeTenant
) -> None:
    define(database)
    one, _ = make_tenant("one"), make_tenant("two")
    with database.connect(one) as conn:
        schedules.change(conn, one, "user_growth", owner="somebody", cron="0 6 * * *", timezone="Asia/Tokyo")
    with records.engine(database) as conn:
        assert [tenant.slug for tenant in schedules.tenants_without_own(conn, "user_growth")] == ["two"]
        assert [tenant.slug for tenant in schedules.tenants_without_own(conn, "top_items")] == ["one", "two"]
    with database.connect(one) as conn:
        own = next(found for found in schedules.schedules_of(conn, one) if found.job == "user_growth")
        assert [(at.hour, at.minute) for at in own.upcoming] == [(21, 0)] * 3
        schedules.reset(conn, one, "user_growth")
    with records.engine(database) as conn:
        assert len(schedules.tenants_without_own(conn, "user_growth")) == 2


def test_what_somebody_set_stays_and_declarations_are_followed(database: Database) -> None:
    with records.engine(database) as conn:
        schedules.change(conn, 0, "user_growth", owner="command line", cron="0 5 * * *")
        conn.execute("UPDATE schedules SET cron = '1 1 1 1 *' WHERE job = 'top_items'")
        schedules.define(conn)
        found = {schedule.job: schedule.cron for schedule in schedules.schedules_of(conn, 0)}
        with pytest.raises(BadQuestion, match="30 s is the least"):
            schedules.change(conn, 0, "user_growth", owner="command line", cron="*/10 * * * * *")
    assert (found["user_growth"], found["top_items"]) == ("0 5 * * *", "*/15 * * * *")


def test_a_tenant_sees_and_changes_nothing_of_another(database: Database) -> None:
    for tenant in (0, 1, 2):
        ask(database, "refresh", tenant)
    with records.engine(database) as conn:
        schedules.change(conn, 2, "user_growth", owner="two", cron="0 5 * * *")
    with database.connect(1) as conn:
        assert {row[0] for row in conn.execute("SELECT tenant_id FROM job_runs")} == {0, 1}
        assert conn.execute("UPDATE job_runs SET priority = 2").rowcount == 1
        assert conn.execute("DELETE FROM schedules").rowcount == 0
        assert ledger.stop(conn, "refresh", 2) == {"cancelled": [], "stopping": []}
    with database.connect(None) as conn:
        assert {row[0] for row in conn.execute("SELECT tenant_id FROM job_runs")} == {0}


def test_health(database: Database) -> None:
    with records.engine(database) as conn:
        found = standing.health(conn)
        assert (found.workers, found.last_tick, found.oldest_overdue, found.ticking) == (0, None, None, False)
        ledger.seen(conn, "one", 4, automatic=True)
    ask(database, "refresh", 1)
    with records.engine(database) as conn:
        conn.execute("UPDATE job_runs SET due_at = now() - interval '1 minute'")
        found = standing.health(conn)
    assert (found.workers, found.hands, found.waiting, found.running, found.dead_letters) == (1, 4, 1, 0, 0)
    assert found.ticking
    assert found.oldest_overdue is not None
    assert 59 < found.oldest_overdue < 120

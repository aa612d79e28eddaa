"""The pool gives the same results in this process and in workers, reports progress, and loses no
job.
"""

import os

import pytest

from sagin.machine import count_cores
from sagin.pool import Job, Pool, Sequential, run_jobs


def jobs(function, *numbers, folder=""):
    return [Job(f"core.jobs.{function}", number, str(folder)) for number in numbers]


@pytest.fixture
def pool():
    pool = Pool(2)
    yield pool
    pool.stop()


def test_values_and_news_are_the_same_in_turn_and_beside(pool):
    for engine in (Sequential(), pool):
        news = []
        work = jobs("double", 3, 4, 5, 3)
        ended = list(run_jobs(engine, work, lambda job, item, news=news: news.append(item)))
        assert sorted((job.argument, end.value) for job, end in ended) == [(3, 6), (4, 8), (5, 10)]
        told = sorted(item["number"] for item in news if item is not None)
        assert told == [3, 4, 5], type(engine)


def test_an_error_and_a_death_end_their_job_alone(pool):
    work = [*jobs("fail", 1), *jobs("die", 2), *jobs("double", 3, 4)]
    ended = {job.argument: completion for job, completion in run_jobs(pool, work, lambda *_: None)}
    assert isinstance(ended[1].error, ValueError)
    assert "in fail" in "".join(ended[1].error.__notes__)
    assert (ended[2].value, ended[2].error) == (None, None)
    assert "status -9" in ended[2].lost
    assert [ended[number].value for number in (3, 4)] == [6, 8]


def test_a_stop_lets_each_worker_save(tmp_path, pool):
    heard = {}

    def stop(job, news):
        if news is not None:
            heard[job.name] = news
        if len(heard) == 2 and min(heard.values()) > 5:
            raise KeyboardInterrupt

    work = [*jobs("count", 500, folder=tmp_path / "a"), *jobs("count", 600, folder=tmp_path / "b")]
    with pytest.raises(KeyboardInterrupt):
        list(run_jobs(pool, work, stop))
    assert all(int((tmp_path / name / "done").read_text()) > 2 for name in "ab")


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no way to bind cores")
def test_a_worker_of_one_core_computes_on_one_thread():
    pool = Pool(2, single_core=True)
    try:
        work = jobs("describe_worker", 1, 2)
        ended = [end.value for _, end in run_jobs(pool, work, lambda *_: None)]
    finally:
        pool.stop()
    assert all(len(own) == 1 for own, _, _ in ended)
    # programs are kept by the flags, so that they must be the launcher's
    assert all(flags == os.environ.get("XLA_FLAGS", "") for _, flags, _ in ended)
    assert all(threads == 1 for _, _, threads in ended)
    assert count_cores() < 2 or ended[0][0] != ended[1][0]

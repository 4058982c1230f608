"""Worker processes that are given shares of a job and send results back. Knows nothing of what the job is.

Workers are forked: they have everything that was loaded until then. Each has a pipe of its own, so that one that is
killed takes nothing along but its share, which is done again here, and one whose parent is gone meets the end of its
pipe and ends. Nothing but the main process hears Ctrl-C; it ends the workers.
"""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Generic, TypeVar

Share = TypeVar("Share")
Result = TypeVar("Result")

PROTOCOL = 5
"""Of pickle; read by the same interpreter that wrote it, a moment before."""


class _Worker:
    """A process, the main process's end of its pipe, and the number of the share it has."""

    __slots__ = ("connection", "process", "share")

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process = process
        self.connection = connection
        self.share = -1


class Crew(Generic[Share, Result]):
    """Some workers, started with the first shares and ended with the context.

    Args:
        jobs: how many.
        work: does a share; in a worker or, where one fails, here.
        arrived: is told every share whose result is there.

    Attributes:
        lost: workers that ended before their work was done.
    """

    def __init__(
        self, jobs: int, work: Callable[[Share], Result], arrived: Callable[[Share], None] = lambda share: None
    ) -> None:
        self._jobs = jobs
        self._work = work
        self._arrived = arrived
        self._shares: list[Share] = []
        self._results: dict[int, Result] = {}
        self._open: deque[int] = deque()
        self._failed: deque[int] = deque()
        self._workers: list[_Worker] = []
        self._started = False
        self.lost = 0

    def __enter__(self) -> Crew[Share, Result]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.connection.close()
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
        self._workers.clear()

    def submit(self, shares: Sequence[Share]) -> range:
        """Takes shares on; returns their numbers."""
        first = len(self._shares)
        self._shares.extend(shares)
        numbers = range(first, len(self._shares))
        self._open.extend(numbers)
        if not self._started and shares:
            self._started = True
            for _ in range(self._jobs):
                self._start()
        self.turn(0)
        return numbers

    def results(self, numbers: range) -> Iterator[Result]:
        """The results of shares, in order; waits for them."""
        for number in numbers:
            while number not in self._results:
                if self._failed:
                    self._do(self._failed.popleft())
                elif not self._workers:
                    self._do(self._open.popleft())
                else:
                    self.turn(None)
            yield self._results.pop(number)

    def turn(self, timeout: float | None = 0) -> None:
        """Takes results that are there, and gives workers that have nothing to do their next share.

        Args:
            timeout: seconds to wait for a result; None for as long as it takes.
        """
        busy = {worker.connection: worker for worker in self._workers if worker.share >= 0}
        for ready in wait(list(busy), timeout) if busy else ():
            self._receive(busy[ready])  # type: ignore[index]
        for worker in [worker for worker in self._workers if worker.share < 0]:
            if not self._open:
                break
            worker.share = self._open.popleft()
            try:
                worker.connection.send_bytes(pickle.dumps(self._shares[worker.share], PROTOCOL))
            except OSError:
                self._lose(worker)

    def _receive(self, worker: _Worker) -> None:
        try:
            done, result = pickle.loads(worker.connection.recv_bytes())  # noqa: S301 - from our own process
        except (EOFError, OSError):
            self._lose(worker)
            return
        number, worker.share = worker.share, -1
        if done:
            self._keep(number, result)
        else:
            self._failed.append(number)

    def _lose(self, worker: _Worker) -> None:
        """A worker was killed, most often because memory ran out: there, its share is done again here."""
        self.lost += 1
        self._failed.append(worker.share)
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.kill()
        worker.process.join()

    def _do(self, number: int) -> None:
        self._keep(number, self._work(self._shares[number]))

    def _keep(self, number: int, result: Result) -> None:
        self._results[number] = result
        self._arrived(self._shares[number])

    def _start(self) -> None:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        # The ends of the others must not live on in this one: it would keep their pipes open when we are gone.
        strangers = [worker.connection for worker in self._workers] + [ours]
        process = context.Process(target=_serve, args=(self._work, theirs, strangers), daemon=True)
        # A Ctrl-C between the fork and the worker's first line would be met there by whatever is just running.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        theirs.close()
        self._workers.append(_Worker(process, ours))


def _serve(work: Callable[[Any], Any], connection: Connection, strangers: list[Connection]) -> None:
    """The life of a worker: shares in, results out, until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for stranger in strangers:
        stranger.close()
    gc.freeze()
    while True:
        try:
            share = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own process
        except (EOFError, OSError):
            return
        try:
            answer = pickle.dumps((True, work(share)), PROTOCOL)
        except Exception:
            # The main process meets the same error when it does the share again, and says it as without workers.
            answer = pickle.dumps((False, None), PROTOCOL)
        try:
            connection.send_bytes(answer)
        except OSError:
            return

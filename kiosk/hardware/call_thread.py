"""A thread for calls into a library that may not come back."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

from kiosk.errors import KioskError


class Owned(Protocol):
    """What the thread makes, uses and closes; nobody else touches it."""

    def close(self) -> None:
        """Give everything back."""


OwnedT = TypeVar("OwnedT", bound=Owned)
AnswerT = TypeVar("AnswerT")


class CallThread(Generic[OwnedT]):
    """Owns one object and answers questions about it, each within a time.

    After a time-out the caller goes on; the thread closes its object and ends as soon as the library comes back. Until
    then it is `alive`, and holds neither the process's end nor anything of the caller's.

    Args:
        make: makes the object, on the thread.
        name: of the thread.
    """

    def __init__(self, make: Callable[[], OwnedT], name: str) -> None:
        self._make = make
        self._questions: SimpleQueue[Callable[[OwnedT], None] | None] = SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether it takes no more questions."""
        return self._ended

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def ask(self, question: Callable[[OwnedT], AnswerT], seconds: float) -> AnswerT:
        """What the question finds.

        Raises:
            KioskError: of the question.
            TimeoutError: no answer in that time; the thread takes no more questions.
            CancelledError: the question failed in another way; the thread is gone.
        """
        answer: Future[AnswerT] = Future()

        def find(owned: OwnedT) -> None:
            try:
                answer.set_result(question(owned))
            except KioskError as error:
                answer.set_exception(error)
            finally:
                answer.cancel()

        self._questions.put(find)
        try:
            return answer.result(seconds)
        except TimeoutError:
            self.end(0)
            raise

    def end(self, seconds: float) -> None:
        """Close, now or when the library comes back; waits for that up to that time, the first time."""
        if not self._ended:
            self._ended = True
            self._questions.put(None)
            self._thread.join(seconds)

    def _work(self) -> None:
        owned = self._make()
        try:
            while find := self._questions.get():
                find(owned)
        finally:
            owned.close()

"""The supervisor's only thread: descriptors and timers, on the monotonic clock."""

import heapq
import select
import time

READ = select.POLLIN
WRITE = select.POLLOUT
SWEEP_AT = 64  # timers


class Loop:
    def __init__(self):
        self._poll = select.poll()  # not epoll: stdin may be a file
        self._callbacks = {}
        self._timers = []
        self._timer_count, self._sweep_at = 0, SWEEP_AT
        self._exit_code = None

    def run(self):
        """Runs until `stop`; returns the exit code given there."""
        while self._exit_code is None:
            ready = [(fd, self._callbacks[fd]) for fd, _ in self._poll.poll(self._next_timer())]
            for fd, callback in ready:
                # An earlier callback of this round may have unwatched it, and its number may be another's by now.
                if self._callbacks.get(fd) is callback:
                    callback()
            self._run_timers()
        return self._exit_code

    def stop(self, exit_code):
        self._exit_code = exit_code

    def watch(self, fd, callback, events=READ):
        """Calls `callback()` whenever `fd` is readable (or writable), at its end, or in error."""
        self._callbacks[fd] = callback
        self._poll.register(fd, events)

    def unwatch(self, fd):
        if self._callbacks.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def later(self, seconds, callback):
        """Calls `callback()` once after `seconds`; returns a timer with `cancel()`."""
        timer = Timer(callback)
        self._timer_count += 1
        heapq.heappush(self._timers, (time.monotonic() + seconds, self._timer_count, timer))
        if len(self._timers) > self._sweep_at:
            self._sweep()
        return timer

    def _sweep(self):
        """Most timers are cancelled long before they are due: thousands of them would lie here at any time."""
        self._timers = [entry for entry in self._timers if entry[2].callback is not None]
        heapq.heapify(self._timers)
        self._sweep_at = 2 * len(self._timers) + SWEEP_AT

    def _next_timer(self):
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return max(0, self._timers[0][0] - time.monotonic()) * 1000 if self._timers else None

    def _run_timers(self):
        while self._timers and self._timers[0][0] <= time.monotonic():
            timer = heapq.heappop(self._timers)[2]
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()


class Timer:
    __slots__ = ("callback",)

    def __init__(self, callback):
        self.callback = callback

    def cancel(self):
        self.callback = None

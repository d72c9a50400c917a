"""What a running job has printed so far, told batch by batch. The outcome has all of it, whatever was told before.

A job that is over within one interval costs nothing but a timer."""

EVERY_SECONDS = 0.1
BATCH_BYTES = 64 << 10


class LiveOutput:
    def __init__(self, loop, channel):
        self._loop, self._channel = loop, channel
        self._outputs, self._timer = [], None

    def begin(self, outputs):
        self._outputs = [[output, 0] for output in outputs]  # with how many bytes of it are told
        self._timer = self._loop.later(EVERY_SECONDS, self._tell)

    def end(self):
        """Nothing may be told after the outcome."""
        self._timer.cancel()

    def _tell(self):
        self._timer = self._loop.later(EVERY_SECONDS, self._tell)
        if not self._channel.drained:
            return  # the worker is slow: nothing is held for it twice, a later batch has it
        for entry in self._outputs:
            output, told = entry
            batch = output.kept[told : told + BATCH_BYTES]
            if batch:
                entry[1] += len(batch)
                self._channel.send({"type": "output", "stream": output.name}, {"bytes": batch})

"""What the supervisor has seen of one job by itself. `outcome.py` decides from this and from nothing else."""


class Evidence:
    def __init__(self):
        self.sandbox_failure = None  # why no jail could be made, or how it was lost
        self.memory_exceeded = False  # the OOM counter rose, the sampled sum was over the limit; or what else, in words
        self.output_exceeded = None  # "stdout" or "stderr", past 16 times its cap
        self.frame = None  # (header bytes, result bytes), once whole
        self.frame_problem = None  # "malformed" or "too_large"
        self.cancelled = False  # the worker asked for it before there was a whole frame
        self.deadline_passed = False
        self.wait_status = None  # of the job process, as the holder's wait4 gave it
        self.run_ms = 0.0
        self.cpu_ms = 0.0
        self.peak_memory_bytes = 0

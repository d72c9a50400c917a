"""How a jail comes to be: `warm`, forked from a template ahead of its job; or `cold`, nsjail executes Python for the job.

A start has
  `name`; `kinds_ahead`, the kinds of jails that can be made before their job is there; `kind_for(script)`, which of
      them is the fastest for it: every script runs in any of them;
  `prepare(kind, on_ready, on_failure)`: calls `on_ready(jail)` once a job process is locked down and waits for its job, or
      `on_failure(reason)` when none could be made and nothing of the attempt is left. One at a time.
  `settled`: whether what it keeps beside the jails uses the memory that it will;
  `on_lost`: to be set; called with a kind when what its jails are made from is lost, so that those that wait are dropped;
  `retire()`: ends what has served as long as it should; returns the kinds whose waiting jails are to be dropped;
  `close(on_closed)`: ends the processes that serve many jails.
A jail (jail.py) is used once, whatever its start."""

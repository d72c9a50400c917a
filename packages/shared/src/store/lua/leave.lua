-- ARGV: the worker's id, ms that the others count as alive.
forget(ARGV[1])
count_slots(ARGV[2])

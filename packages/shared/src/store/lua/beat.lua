-- ARGV: the worker's id, what it says, how many jobs it can run at once, ms to remember, ms that it counts as alive.
redis.call('ZADD', workers, now(), ARGV[1])
redis.call('HSET', said, ARGV[1], ARGV[2])
redis.call('HSET', slots_of, ARGV[1], ARGV[3])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', workers, '-inf', now() - ARGV[4])) do
  forget(id)
end
count_slots(ARGV[5])

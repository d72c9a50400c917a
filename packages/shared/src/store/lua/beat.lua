-- KEYS: workers (sorted by the last heartbeat), what they say. ARGV: the worker's id, what it says, ms to remember.
redis.call('ZADD', KEYS[1], now(), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now() - ARGV[3])) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end

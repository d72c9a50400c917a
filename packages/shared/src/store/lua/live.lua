-- KEYS: workers, what they say. ARGV: ms since the last heartbeat at most. Returns what the live ones say.
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], now() - ARGV[1], '+inf')
if #ids == 0 then
  return {}
end
return redis.call('HMGET', KEYS[2], unpack(ids))

-- KEYS: retained, bytes. ARGV: prefix of records, how many at most. Returns how many were deleted.
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now(), 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  redis.call('DECRBY', KEYS[2], redis.call('HGET', ARGV[1] .. id, 'bytes') or 0)
  redis.call('DEL', ARGV[1] .. id)
  redis.call('ZREM', KEYS[1], id)
end
return #ids

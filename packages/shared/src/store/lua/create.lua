-- ARGV: …, most jobs queued, most bytes, bytes of this record, field, value, field, value, …
local max_queued, max_bytes, size = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

if redis.call('ZCARD', queued) >= max_queued then
  return 'backlog'
end
if tonumber(redis.call('GET', bytes) or '0') + size > max_bytes then
  return 'bytes'
end
local at = now()
redis.call('HSET', record, 'status', 'queued', 'created_at', at, 'created_us', string.format('%.0f', now_us()),
  'attempts', 0, unpack(ARGV, 6))
redis.call('ZADD', queued, at, id)
add_bytes(size)
return 'created'

-- ARGV: prefix, the id, the tenant, what it may run at once (`all`, `half` or a number), most jobs queued and most bytes,
-- its own and of all, bytes of this record, ms until it is due, ms until it expires ('' for never), the key of its
-- idempotency ('' for none), the body's hash, ms to remember both, then field, value, field, value, …
local id, tenant, jobs_at_once = ARGV[2], ARGV[3], ARGV[4]
local tenant_backlog, tenant_bytes, max_queued, max_bytes, size = unpack(ARGV, 5, 9)
local delay_ms, ttl_ms, once, hash, once_ms = unpack(ARGV, 10, 14)

if once ~= '' then
  once = key('once', once)
  local known = redis.call('HMGET', once, 'id', 'hash')
  if known[1] then
    return { known[2] == hash and 'same:' .. known[1] or 'mismatch', {} }
  end
end
if redis.call('SCARD', key('queued')) >= tonumber(max_queued) then
  return { 'backlog', {} }
end
if tonumber(redis.call('GET', key('bytes')) or 0) + size > tonumber(max_bytes) then
  return { 'bytes', {} }
end
if redis.call('ZCARD', key('tenant', tenant, 'queued')) >= tonumber(tenant_backlog) then
  return { 'tenant_backlog', {} }
end
if tonumber(redis.call('HGET', key('tenant', tenant), 'bytes') or 0) + size > tonumber(tenant_bytes) then
  return { 'tenant_bytes', {} }
end

-- No two jobs have the same: it is their order in lines and lists.
local created_us = math.max(now_us(), tonumber(redis.call('GET', key('created_us')) or 0) + 1)
redis.call('SET', key('created_us'), string.format('%.0f', created_us))
local at = math.floor(created_us / 1000)
local record = key('job', id)
redis.call('HSET', record, 'status', 'queued', 'created_at', at, 'created_us', string.format('%.0f', created_us),
  'attempts', 0, 'tenant', tenant, unpack(ARGV, 15))
if ttl_ms ~= '' then
  redis.call('HSET', record, 'expires_at', at + ttl_ms)
  redis.call('ZADD', key('expiring'), at + ttl_ms, id)
end
if once ~= '' then
  redis.call('HSET', once, 'id', id, 'hash', hash)
  redis.call('PEXPIRE', once, once_ms)
end
redis.call('HSET', key('tenant', tenant), 'jobs_at_once', jobs_at_once)
local job = load(id)
redis.call('SADD', key('queued'), id)
redis.call('ZADD', tenant_key(job, 'jobs'), job.created_us, id)
redis.call('ZADD', tenant_key(job, 'queued'), job.created_us, id)
add_bytes(job, tonumber(size))
if tonumber(delay_ms) > 0 then
  put(job, 'delayed', at + delay_ms)
else
  put(job, 'line', job.created_us)
end
return { 'created', release() }

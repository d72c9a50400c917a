-- ARGV: prefix, how many at most. Deletes the records whose retention is over; returns how many.
local ids = redis.call('ZRANGEBYSCORE', key('retained'), '-inf', now(), 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local job = load(id)
  add_bytes(job, -(redis.call('HGET', job.record, 'bytes') or 0))
  redis.call('DEL', job.record)
  redis.call('ZREM', tenant_key(job, 'jobs'), id)
  redis.call('ZREM', tenant_key(job, job.status), id)
  redis.call('ZREM', key('retained'), id)
end
return { #ids, {} }

-- ARGV: prefix, how many at most. Deletes the records whose retention is over; returns how many it has looked at. One
-- that a delivery still needs is kept for that alone, without what the delivery does not tell.
local looked_at = 0
each_due(key('retained'), ARGV[2], function(job)
  looked_at = looked_at + 1
  local needed = needed_until(job)
  if needed and needed > now() then
    for _, field in ipairs({ 'script', 'input' }) do
      delete_field(job, field)
    end
    return redis.call('ZADD', key('retained'), needed, job.id)
  end
  delete_delivery(job)
  add_bytes(job, -(redis.call('HGET', job.record, 'bytes') or 0))
  redis.call('DEL', job.record)
  redis.call('ZREM', tenant_key(job, 'jobs'), job.id)
  redis.call('ZREM', tenant_key(job, job.status), job.id)
end)
return { looked_at, {} }

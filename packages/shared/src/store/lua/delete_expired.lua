-- ARGV: prefix, how many at most. Deletes the records whose retention is over; returns how many.
local deleted = 0
each_due(key('retained'), ARGV[2], function(job)
  add_bytes(job, -(redis.call('HGET', job.record, 'bytes') or 0))
  redis.call('DEL', job.record)
  redis.call('ZREM', tenant_key(job, 'jobs'), job.id)
  redis.call('ZREM', tenant_key(job, job.status), job.id)
  deleted = deleted + 1
end)
return { deleted, {} }

-- ARGV: prefix, how many at most of each. What time alone does: jobs expire, delayed ones are due, waiting ones are
-- released because there are more slots.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('expiring'), '-inf', now(), 'LIMIT', 0, ARGV[2])) do
  end_with(load(id), 'expired', EXPIRED)
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('delayed'), '-inf', now(), 'LIMIT', 0, ARGV[2])) do
  local job = load(id)
  take_out(job)
  put(job, 'line', job.created_us)
end
return { 'ticked', release() }

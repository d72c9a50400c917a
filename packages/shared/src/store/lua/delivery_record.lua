-- ARGV: prefix, the delivery's id, how many attempts were recorded when this one began, the attempt as JSON, what follows
-- (`delivered`, `dead`, or ms until the next one), whether the receiver kept silent ('1'), ms that what has ended is
-- kept. An attempt is recorded once: a sender that is late, or repeats itself, changes nothing.
local delivery = load_delivery(ARGV[2])
if not delivery or delivery.status ~= 'pending' or delivery.attempts ~= tonumber(ARGV[3]) then
  return { 0, {} }
end
local attempt, follows, silent, kept_ms = ARGV[4], ARGV[5], ARGV[6] == '1', ARGV[7]
local job = load(delivery.job)
redis.call('HSET', delivery.record, 'attempt:' .. (delivery.attempts + 1), attempt, 'attempts', delivery.attempts + 1,
  'tries', delivery.tries + 1)
if job then
  add_bytes(job, #attempt)
end
redis.call(silent and 'SADD' or 'SREM', key('silent'), delivery.receiver)
end_sending(delivery)
if follows == 'delivered' or follows == 'dead' then
  local retained_until = job and tonumber(redis.call('HGET', job.record, 'retained_until')) or 0
  local kept_until = math.max(retained_until, now() + kept_ms)
  set_status(delivery, follows)
  redis.call('HSET', delivery.record, 'kept_until', kept_until)
  redis.call('HDEL', delivery.record, 'next_attempt_at')
  if redis.call('EXISTS', key('line', delivery.receiver)) == 0 then
    redis.call('SREM', key('silent'), delivery.receiver) -- nothing waits, so nothing is to be remembered
  end
  if job then
    redis.call('ZADD', key('retained'), 'LT', kept_until, job.id)
  end
else
  wait_until(delivery, now() + follows)
end
return { 1, release_deliveries({}) }

-- ARGV: prefix, the id, the worker, its attempt. The attempt does not count: the worker ends cleanly.
local job = load(ARGV[2])
if not holds(job, ARGV[3], ARGV[4]) then
  return { 0, {} }
end
redis.call('HINCRBY', job.record, 'attempts', -1)
requeue(job)
return { 1, release() }

-- ARGV: prefix, the id, how many bytes of its stdout and stderr are known, of which start.
-- Returns status, attempts, starts, and what else was printed since that start: all of it when it is another one.
local job = load(ARGV[2])
if not job then
  return { false, {} }
end
local starts = redis.call('HGET', job.record, 'starts') or '0'
local is_same = starts == ARGV[5]
local stdout = redis.call('GETRANGE', live_key(job, 'stdout'), is_same and ARGV[3] or 0, -1)
local stderr = redis.call('GETRANGE', live_key(job, 'stderr'), is_same and ARGV[4] or 0, -1)
return { { job.status, job.attempts, tonumber(starts), stdout, stderr }, {} }

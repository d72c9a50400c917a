-- ARGV: prefix, the id, the worker, its attempt, the stream, what the job has printed on it since the last time.
local job = load(ARGV[2])
if not holds(job, ARGV[3], ARGV[4]) then
  return { 0, {} }
end
redis.call('APPEND', live_key(job, ARGV[5]), ARGV[6])
tell(job)
return { 1, {} }

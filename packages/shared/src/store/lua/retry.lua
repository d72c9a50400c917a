-- ARGV: prefix, the id, the worker, its attempt, most attempts, the error that ends the job if this was the last one.
local job = load(ARGV[2])
if not holds(job, ARGV[3], ARGV[4]) then
  return { 'stale', {} }
end
return { retry(job, tonumber(ARGV[5]), ARGV[6]), release() }

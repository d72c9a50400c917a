-- ARGV: …, the worker, its attempt, most attempts, the error that ends the job if this was the last one.
if not holds(ARGV[3], ARGV[4]) then
  return 'stale'
end
return retry(tonumber(ARGV[5]), ARGV[6])

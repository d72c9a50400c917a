-- ARGV: …, the worker, its attempt. The attempt does not count: the worker ends cleanly.
if not holds(ARGV[3], ARGV[4]) then
  return 0
end
redis.call('HINCRBY', record, 'attempts', -1)
requeue()
return 1

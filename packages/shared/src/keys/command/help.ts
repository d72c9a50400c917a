export const HELP = `Makes, lists and revokes API keys. From the first key on, the API serves only requests that carry one.

  npm run keys -- create --name NAME --scopes SCOPE[,SCOPE] [options]
  npm run keys -- list [--json]
  npm run keys -- revoke ID

create prints the key, which is not shown again. Scopes: jobs:write, jobs:read, admin. Options:

  --tenant TENANT            whose jobs it reaches; without it the key is a tenant of its own
  --expires-at TIME          such as 2030-01-31T00:00:00Z; from then on it is refused
  --requests-per-second N    } what its tenant may use, where that is not
  --jobs-at-once N           } as the settings TENANT_* say
  --backlog N                }
  --store-mb N               }
  --webhook-secret           makes a secret too, which signs webhooks of jobs without one of their own
  --json                     prints {"id": …, "key": …} (and "webhook_secret") and nothing else

The keys are in the Redis of REDIS_URL, else in that of npm start (DATA_DIR), which need not be running.
Exit codes: 0 done, 1 cannot be done, 2 not understood.
`;

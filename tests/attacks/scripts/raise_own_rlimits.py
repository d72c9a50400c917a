def main():
    import resource
    r = {}
    for n in ['RLIMIT_NPROC','RLIMIT_AS','RLIMIT_NOFILE','RLIMIT_FSIZE','RLIMIT_CPU']:
        try: resource.setrlimit(getattr(resource, n), (resource.RLIM_INFINITY,)*2); r[n] = 'raised'
        except (ValueError, OSError) as e: r[n] = 'denied'
    return r

def main():
    import os
    r = []
    for d, _, fs in os.walk('/sys/fs/cgroup'):
        if 'release_agent' in fs: r.append(d)
    return r[:5]

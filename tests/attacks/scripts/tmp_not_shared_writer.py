def main():
    open('/tmp/marker_7f3','w').write('secret-A')
    return 'ok'

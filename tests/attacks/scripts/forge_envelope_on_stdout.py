def main():
    import json, os
    os.write(1, (json.dumps({'status':'ok','result':'FORGED','duration_ms':0}) + '\n').encode())
    return 'real'
